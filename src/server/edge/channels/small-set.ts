/** Members above which a set is worth its memory. */
const fewMax = 8

/**
 * A set that is an array while it is small: most channels have a handful of members on an edge, and an empty `Set` takes more
 * memory than they do. A small one is never changed in place, so it may change while somebody goes through `all`; it is made anew by
 * what reserves no room, as `filter` and a spread literal would for sixteen more.
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

  forEach(visit: (item: Item) => void): void {
    for (const item of this.#items) visit(item)
  }

  add(item: Item): this {
    if (this.#items instanceof Set) this.#items.add(item)
    else if (!this.#items.includes(item)) {
      const more = this.#items.concat([item])
      this.#items = more.length <= fewMax ? more : new Set(more)
    }
    return this
  }

  delete(item: Item): void {
    if (this.#items instanceof Set) {
      this.#items.delete(item)
      // Half, so that one who comes and goes does not make it anew each time.
      if (this.#items.size <= fewMax / 2) this.#items = [...this.#items]
      return
    }
    const index = this.#items.indexOf(item)
    if (index !== -1) this.#items = this.#items.toSpliced(index, 1)
  }
}

const none: readonly never[] = []
