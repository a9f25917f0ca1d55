/** What a wheel keeps in an item; only the wheel writes it. */
export interface Wakeable<Item> {
  /** The slot it waits in; -1 when it waits in none. */
  wakeSlot: number
  /** Its neighbours there. A list costs an item half of what a place in a `Set` does, and nothing when it moves. */
  wakeNext: Item | undefined
  wakePrevious: Item | undefined
}

/**
 * One timer for any number of items. An item is woken within one tick after its time, in no order; a time beyond the
 * wheel's turn wakes it early, and it is put back.
 */
export interface TimingWheel<Item extends Wakeable<Item>> {
  /** Wakes the item after so many milliseconds, instead of any earlier arrangement. */
  wake(item: Item, afterMs: number): void
  cancel(item: Item): void
  /** Wakes every item now, regardless of its time. */
  wakeAll(): void
  /** Turns the wheel to this time and wakes what is due. */
  turn(nowMs: number): void
}

export function createTimingWheel<Item extends Wakeable<Item>>(
  options: { readonly slots: number; readonly tickMs: number; readonly nowMs: number },
  due: (item: Item) => void,
): TimingWheel<Item> {
  /** The first item of each slot. */
  const slots = new Array<Item | undefined>(options.slots).fill(undefined)
  let turnedMs = options.nowMs
  let current = 0

  function cancel(item: Item): void {
    if (item.wakeSlot === -1) return
    const { wakeNext, wakePrevious } = item
    if (wakeNext !== undefined) wakeNext.wakePrevious = wakePrevious
    if (wakePrevious !== undefined) wakePrevious.wakeNext = wakeNext
    else slots[item.wakeSlot] = wakeNext
    item.wakeSlot = -1
    item.wakeNext = undefined
    item.wakePrevious = undefined
  }

  function put(item: Item, slot: number): void {
    const first = slots[slot]
    item.wakeSlot = slot
    item.wakeNext = first
    if (first !== undefined) first.wakePrevious = item
    slots[slot] = item
  }

  return {
    cancel,
    wake(item, afterMs) {
      const ticks = Math.max(1, Math.min(options.slots - 1, Math.ceil(afterMs / options.tickMs)))
      const slot = (current + ticks) % options.slots
      if (slot === item.wakeSlot) return
      cancel(item)
      put(item, slot)
    },
    wakeAll() {
      const all: Item[] = []
      for (const first of slots) {
        for (let item = first; item !== undefined; item = item.wakeNext) all.push(item)
      }
      for (const item of all) {
        // A woken item may cancel others.
        if (item.wakeSlot === -1) continue
        cancel(item)
        due(item)
      }
    },
    turn(nowMs) {
      while (nowMs - turnedMs >= options.tickMs) {
        turnedMs += options.tickMs
        current = (current + 1) % options.slots
        // Whoever is woken may cancel others of this slot, and puts nobody into it.
        for (let item = slots[current]; item !== undefined; item = slots[current]) {
          cancel(item)
          due(item)
        }
      }
    },
  }
}
