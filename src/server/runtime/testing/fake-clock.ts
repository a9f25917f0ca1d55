import type { Clock } from '../clock.ts'

interface Timer {
  readonly everyMs: number
  readonly run: () => void
  dueMs: number
}

/** A manual clock for tests, whose wall clock can be set. */
export class FakeClock implements Clock {
  #monotonicMs = 1_000
  #wallMs = 1_800_000_000_000
  readonly #timers = new Set<Timer>()

  now = (): number => this.#wallMs

  monotonicMs = (): number => this.#monotonicMs

  every(everyMs: number, run: () => void): { stop(): void } {
    const timer = { everyMs, run, dueMs: this.#monotonicMs + everyMs }
    this.#timers.add(timer)
    return { stop: () => void this.#timers.delete(timer) }
  }

  /** Advances time by `byMs` milliseconds and runs each timer when it is due. */
  pass(byMs: number): void {
    for (let leftMs = byMs; leftMs > 0; leftMs -= 50) {
      const stepMs = Math.min(50, leftMs)
      this.#monotonicMs += stepMs
      this.#wallMs += stepMs
      for (const timer of [...this.#timers]) this.#run(timer)
    }
  }

  /** Moves the wall clock by `byMs` milliseconds; monotonic time does not advance. */
  setWall(byMs: number): void {
    this.#wallMs += byMs
  }

  #run(timer: Timer): void {
    if (timer.dueMs > this.#monotonicMs) return
    timer.dueMs += timer.everyMs
    timer.run()
  }
}
