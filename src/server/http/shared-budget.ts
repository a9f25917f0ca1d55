/** A budget that many holders share: it limits the total, and how much one holder may have. */
export class SharedBudget {
  readonly #most: number
  readonly #mostEach: number
  readonly #byHolder = new Map<string, number>()
  #held = 0

  constructor(most: number, mostEach: number) {
    this.#most = most
    this.#mostEach = mostEach
  }

  /** Takes `count` for a holder. Returns false and takes nothing if that exceeds either limit. */
  take(holder: string, count: number): boolean {
    const own = (this.#byHolder.get(holder) ?? 0) + count
    if (this.#held + count > this.#most || own > this.#mostEach) return false
    this.#held += count
    if (own > 0) this.#byHolder.set(holder, own)
    return true
  }

  /** Gives back what was taken. */
  giveBack(holder: string, count: number): void {
    this.#held -= count
    const own = (this.#byHolder.get(holder) ?? 0) - count
    if (own > 0) this.#byHolder.set(holder, own)
    else this.#byHolder.delete(holder)
  }

  /** Whether this holder has as many as one may hold. */
  isUsedUpBy(holder: string): boolean {
    return (this.#byHolder.get(holder) ?? 0) >= this.#mostEach
  }

  get held(): number {
    return this.#held
  }
}
