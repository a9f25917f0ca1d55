/** Whether what waits to be accepted should be dropped, told so at each look. */
export type OverloadDetector = (nowMs: number, queueMs: number) => boolean

/** How long refusing is tried before anything is dropped, in milliseconds. */
const patienceMs = 1_000
/** A process that was not late for so long has its patience again. */
const calmMs = 10_000

/**
 * A refusal costs a quarter of what serving does, so there is a crowd that is too large even to be refused: the queue stays as long as it
 * was, everybody in it is refused or has given up, and nobody is served. Then the queue is dropped, which the kernel does for next to
 * nothing; who comes next is served at once. As long as the crowd lasts there is no second try at refusing: dropped is what has become too
 * late, and all time goes into serving.
 */
export function createOverloadDetector(acceptLateMs: number): OverloadDetector {
  let lateSinceMs: number | undefined
  let lateAtMs = Number.NEGATIVE_INFINITY
  let patience = patienceMs

  return (nowMs, queueMs) => {
    if (nowMs - lateAtMs > calmMs) patience = patienceMs
    if (queueMs <= acceptLateMs) {
      lateSinceMs = undefined
      return false
    }
    lateAtMs = nowMs
    lateSinceMs ??= nowMs
    if (nowMs - lateSinceMs < patience) return false
    patience = 0
    lateSinceMs = undefined
    return true
  }
}
