import type { Answer } from '../link/link.ts'

/** Questions to the core whose answers are not in yet. */
export interface Calls {
  /** Keeps what to do with an answer; gives the number to ask under. */
  open(take: (answer: Answer) => void): number
  answer(call: number, answer: Answer): void
}

export function createCalls(): Calls {
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  return {
    open(take) {
      last += 1
      waiting.set(last, take)
      return last
    },
    answer(call, answer) {
      const take = waiting.get(call)
      waiting.delete(call)
      take?.(answer)
    },
  }
}
