/** What has been seen of a listening socket. */
export interface Accepting {
  /** Connections that the kernel has taken and this process has not. */
  readonly waiting: number
  /** Connections that this process has taken since its start. */
  readonly accepted: number
}

/** How long a new connection waits here before anybody listens to it. */
export interface Lateness {
  /** Looks anew; to be called every `everyMs`. */
  look(nowMs: number, accepting: Accepting): void
  /** In milliseconds. */
  readonly ms: number
  /** What of it is the accept queue's. */
  readonly queueMs: number
}

/** Weight of the newest look in what is smoothed: a pause of half a second is half forgotten after three looks. */
const newest = 0.2

/**
 * Lateness is the greater of two waits. One is the event loop's: by how much this look itself comes late, smoothed.
 *
 * The other is that of the accept queue, in which the loop's own lateness does not show: libuv accepts one connection a turn, so the turns
 * of a process that cannot keep up stay short while its queue grows. A queue of so many, taken at such a rate, is so long; and nobody in it
 * has waited longer than since it was last seen empty.
 */
export function createLateness(startMs: number, everyMs: number): Lateness {
  let lookedMs = startMs
  let loopMs = 0
  let acceptedBefore = 0
  let perMs = 0
  let emptyMs = startMs
  let queueMs = 0

  function lookAtQueue(nowMs: number, { waiting, accepted }: Accepting): void {
    const tookMs = Math.max(1, nowMs - lookedMs)
    perMs += newest * ((accepted - acceptedBefore) / tookMs - perMs)
    acceptedBefore = accepted
    if (waiting === 0) emptyMs = nowMs
    // Divided by 0 where nothing is accepted, it has no end, and the other bound holds.
    queueMs = waiting === 0 ? 0 : Math.min(nowMs - emptyMs, waiting / perMs)
  }

  return {
    look(nowMs, accepting) {
      const lateMs = Math.max(0, nowMs - lookedMs - everyMs)
      loopMs += newest * (lateMs - loopMs)
      lookAtQueue(nowMs, accepting)
      lookedMs = nowMs
    },
    get ms() {
      return Math.max(loopMs, queueMs)
    },
    get queueMs() {
      return queueMs
    },
  }
}
