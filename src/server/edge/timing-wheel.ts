/** What a wheel needs to keep in an item. */
export interface Wakeable {
  /** The slot it waits in; -1 when it waits in none. Only the wheel writes it. */
  wakeSlot: number
}

/**
 * One timer for any number of items. An item is woken within one tick after its time, in no order; a time beyond the
 * wheel's turn wakes it early, and it is put back.
 */
export interface TimingWheel<Item extends Wakeable> {
  /** Wakes the item after so many milliseconds, instead of any earlier arrangement. */
  wake(item: Item, afterMs: number): void
  cancel(item: Item): void
  /** Turns the wheel to this time and wakes what is due. */
  turn(nowMs: number): void
}

export function createTimingWheel<Item extends Wakeable>(
  options: { readonly slots: number; readonly tickMs: number; readonly nowMs: number },
  due: (item: Item) => void,
): TimingWheel<Item> {
  const slots = Array.from({ length: options.slots }, () => new Set<Item>())
  let turnedMs = options.nowMs
  let current = 0

  function cancel(item: Item): void {
    slots[item.wakeSlot]?.delete(item)
    item.wakeSlot = -1
  }

  return {
    cancel,
    wake(item, afterMs) {
      const ticks = Math.max(1, Math.min(options.slots - 1, Math.ceil(afterMs / options.tickMs)))
      const slot = (current + ticks) % options.slots
      if (slot === item.wakeSlot) return
      cancel(item)
      item.wakeSlot = slot
      slots[slot]?.add(item)
    },
    turn(nowMs) {
      while (nowMs - turnedMs >= options.tickMs) {
        turnedMs += options.tickMs
        current = (current + 1) % options.slots
        const slot = slots[current]
        if (slot === undefined || slot.size === 0) continue
        const items = [...slot]
        slot.clear()
        for (const item of items) {
          item.wakeSlot = -1
          due(item)
        }
      }
    },
  }
}
