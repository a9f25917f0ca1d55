/** What has been seen of a queue. */
export interface QueueSeen {
  readonly waiting: number
  /** How many have been taken out of it since the start. */
  readonly taken: number
}

/** How long a queue is, in time. */
export interface QueueDelay {
  look(nowMs: number, seen: QueueSeen): void
  /** How long the last in it waits, in milliseconds. */
  readonly ms: number
}

/** Weight of the newest look in the rate. */
const newest = 0.2

/**
 * A queue of so many, taken at such a rate, is so long (Little's law); and nobody in it has waited longer than since it was last seen
 * empty. The smaller of the two counts: the first is too large while the rate is not known, the second where a short queue never empties.
 */
export function createQueueDelay(startMs: number): QueueDelay {
  let lookedMs = startMs
  let takenBefore = 0
  let perMs = 0
  let emptyMs = startMs
  let ms = 0
  return {
    look(nowMs, { waiting, taken }) {
      perMs += newest * ((taken - takenBefore) / Math.max(1, nowMs - lookedMs) - perMs)
      takenBefore = taken
      lookedMs = nowMs
      if (waiting === 0) emptyMs = nowMs
      // Divided by 0 where nothing is taken, it has no end, and the other bound holds.
      ms = waiting === 0 ? 0 : Math.min(nowMs - emptyMs, waiting / perMs)
    },
    get ms() {
      return ms
    },
  }
}
