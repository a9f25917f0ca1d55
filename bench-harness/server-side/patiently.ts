/** Asks something that may take longer than one can wait, one question at a time. */
export interface Patient<Question, Reply> {
  /** The reply, if it comes in time; `undefined` otherwise, and then the next to ask gets it, instead of asking anew. */
  now(question: Question): Promise<Reply | undefined>
  isUnderWay(): boolean
}

/** A question that is asked while another is under way is not asked. */
export function patiently<Question, Reply>(
  ask: (question: Question) => Promise<Reply>,
  waitMs: number,
): Patient<Question, Reply> {
  let underWay: Promise<Reply> | undefined
  return {
    isUnderWay: () => underWay !== undefined,
    now(question) {
      underWay ??= ask(question)
      const current = underWay
      return new Promise((resolve, reject) => {
        let waits = true
        const timer = setTimeout(() => {
          waits = false
          resolve(undefined)
        }, waitMs)
        const settle = (tell: () => void): void => {
          if (!waits) return
          clearTimeout(timer)
          underWay = undefined
          tell()
        }
        current.then(
          (reply) => settle(() => resolve(reply)),
          (error: unknown) => settle(() => reject(error)),
        )
      })
    },
  }
}
