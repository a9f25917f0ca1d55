/** Time as the client needs it. Tests hand in one that they move by hand. */
export interface Clock {
  /** Milliseconds since 1970, as the device has it: for ids and for display. Anybody can set it. */
  now(): number
  /** Milliseconds since some moment. It is never set and never goes back: for deadlines. */
  monotonicMs(): number
  /** Runs once after `delayMs`; the answer is for `clear`. */
  after(delayMs: number, run: () => void): unknown
  clear(timer: unknown): void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => setTimeout(run, delayMs),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}
