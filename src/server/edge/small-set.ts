/** Members above which a set is worth its memory. */
const fewMax = 8

/**
 * A set that is an array while it is small: most channels have a handful of members on an edge, and an empty `Set` takes more
 * memory than they do. A small one is never changed in place, so it may change while somebody goes through `all`.
 */
export class SmallSet<Item> {
  #items: readonly Item[] | Set<Item> = none

  get size(): number {
    return this.#items instanceof Set ? this.#items.size : this.#items.length
  }

  get all(): Iterable<Item> {
    return this.#items
  }

  has(item: Item): boolean {
    return this.#items instanceof Set ? this.#items.has(item) : this.#items.includes(item)
  }

  add(item: Item): void {
    if (this.#items instanceof Set) this.#items.add(item)
    else if (this.#items.includes(item)) return
    else if (this.#items.length < fewMax) this.#items = [...this.#items, item]
    else this.#items = new Set([...this.#items, item])
  }

  delete(item: Item): void {
    if (this.#items instanceof Set) {
      this.#items.delete(item)
      // Half, so that one who comes and goes does not make it anew each time.
      if (this.#items.size <= fewMax / 2) this.#items = [...this.#items]
    } else if (this.#items.includes(item))
      this.#items = this.#items.filter((other) => other !== item)
  }
}

const none: readonly never[] = []
