/** A number of things of which only so many may be held at once. */
export class Budget {
  readonly #most: number
  #held = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Takes so many; false, and nothing is taken, where that would be more than there are. */
  take(count: number): boolean {
    if (this.#held + count > this.#most) return false
    this.#held += count
    return true
  }

  /** Gives back what was taken. */
  giveBack(count: number): void {
    this.#held -= count
  }

  get held(): number {
    return this.#held
  }
}
