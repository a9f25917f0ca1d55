/** Time, as everything in the server gets it. */
export interface Clock {
  /** Milliseconds since 1970, for what people read. */
  now(): number
  /** Milliseconds since some start, never set back: for every deadline. */
  monotonicMs(): number
  /**
   * Calls `run` every `everyMs` until stopped, for the first time before that. Does not keep the process alive. What runs equally often, or a multiple
   * of it, runs together: of a hundred processes each that wakes takes time from the others.
   */
  every(everyMs: number, run: () => void): { stop(): void }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => Math.floor(performance.now()),
  every(everyMs, run) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      timer = setTimeout(turn, untilTurnMs(performance.now(), everyMs))
      timer.unref()
    }
    const turn = (): void => {
      arm()
      run()
    }
    arm()
    return { stop: () => clearTimeout(timer) }
  },
}

/** Timers are good to a millisecond, and may come as much too early: then the turn was this one. */
const earlyMs = 2

function untilTurnMs(nowMs: number, everyMs: number): number {
  const leftMs = everyMs - (nowMs % everyMs)
  return Math.ceil(leftMs <= Math.min(earlyMs, everyMs / 2) ? leftMs + everyMs : leftMs)
}
