import { exponential } from './random.ts'

/**
 * Moments at which something is to happen, worked out beforehand and never from when the last one ended: an open loop. `next` is the
 * moment of the next one; `take` moves on.
 */
export interface Schedule {
  readonly next: number
  take(): void
}

/** One every `1000 / perSecond` milliseconds from `startMs` on. */
export function constantSchedule(startMs: number, perSecond: number): Schedule {
  const everyMs = 1_000 / perSecond
  let taken = 0
  return {
    get next() {
      return startMs + taken * everyMs
    },
    take() {
      taken += 1
    },
  }
}

/** A Poisson process of the given rate. */
export function poissonSchedule(
  startMs: number,
  perSecond: number,
  random: () => number,
): Schedule {
  const meanMs = 1_000 / perSecond
  let next = startMs + exponential(meanMs, random)
  return {
    get next() {
      return next
    },
    take() {
      next += exponential(meanMs, random)
    },
  }
}
