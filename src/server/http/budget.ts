/** A counting budget: at most a fixed number of units can be taken at a time. */
export class Budget {
  readonly #most: number
  #held = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Takes `count` units, or takes nothing and returns false if fewer are left. */
  take(count: number): boolean {
    if (this.#held + count > this.#most) return false
    this.#held += count
    return true
  }

  /** Returns units that were taken. */
  giveBack(count: number): void {
    this.#held -= count
  }

  get held(): number {
    return this.#held
  }
}
