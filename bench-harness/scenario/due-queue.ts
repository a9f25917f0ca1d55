/** What is due at a moment, the earliest first: a binary heap. */
export interface DueQueue<Item> {
  readonly nextMs: number
  push(atMs: number, item: Item): void
  /** The earliest that is due by now. */
  take(nowMs: number): Item | undefined
}

export function createDueQueue<Item>(): DueQueue<Item> {
  const heap: { readonly atMs: number; readonly item: Item }[] = []
  const at = (index: number): number => heap[index]?.atMs ?? Number.POSITIVE_INFINITY
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]]
    if (one === undefined || other === undefined) return
    heap[a] = other
    heap[b] = one
  }
  return {
    get nextMs() {
      return at(0)
    },
    push(atMs, item) {
      heap.push({ atMs, item })
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1
        if (at(parent) <= at(index)) return
        swap(parent, index)
        index = parent
      }
    },
    take(nowMs) {
      if (at(0) > nowMs) return undefined
      const first = heap[0]
      const last = heap.pop()
      if (heap.length > 0 && last !== undefined) {
        heap[0] = last
        for (let index = 0; ; ) {
          const left = 2 * index + 1
          const least = at(left + 1) < at(left) ? left + 1 : left
          if (at(least) >= at(index)) break
          swap(least, index)
          index = least
        }
      }
      return first?.item
    },
  }
}
