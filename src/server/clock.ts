/** Time, as everything in the server gets it. */
export interface Clock {
  /** Milliseconds since 1970, for what people read. */
  now(): number
  /** Milliseconds since some start, never set back: for every deadline. */
  monotonicMs(): number
  /** Calls `run` every `everyMs` until stopped. Does not keep the process alive. */
  every(everyMs: number, run: () => void): { stop(): void }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => Math.floor(performance.now()),
  every(everyMs, run) {
    const timer = setInterval(run, everyMs)
    timer.unref()
    return { stop: () => clearInterval(timer) }
  },
}
