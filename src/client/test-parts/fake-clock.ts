import type { Clock } from '../clock.ts'

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now = 5_000
  /** How far the wall clock is ahead of the monotonic one. */
  #wallMs = 1_000_000
  #order = 0
  #timers: { at: number; order: number; run: () => void }[] = []

  now(): number {
    return this.#wallMs + this.#now
  }

  monotonicMs(): number {
    return this.#now
  }

  /** Sets the wall clock forward, or back. */
  setWall(byMs: number): void {
    this.#wallMs += byMs
  }

  after(delayMs: number, run: () => void): unknown {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order, run }
    this.#order += 1
    this.#timers.push(timer)
    return timer
  }

  clear(timer: unknown): void {
    this.#timers = this.#timers.filter((one) => one !== timer)
  }

  get timers(): number {
    return this.#timers.length
  }

  /** Moves on, running what is due in its order, and lets each finish its promises. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    for (;;) {
      await settle()
      const [first] = this.#timers
        .filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)
      if (first === undefined) break
      this.clear(first)
      this.#now = Math.max(this.#now, first.at)
      first.run()
    }
    this.#now = end
    await settle()
  }

  /** Moves on as a machine that slept: nothing ran meanwhile, and then everything is late. */
  async sleep(forMs: number): Promise<void> {
    this.#now += forMs
    await this.advance(0)
  }

  /** A sleep in which the monotonic clock stood still too, as it does on some systems. */
  async sleepUnnoticed(forMs: number): Promise<void> {
    this.#wallMs += forMs
    await this.advance(0)
  }
}

/** Lets everything that needs no time finish. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
