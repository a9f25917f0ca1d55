/**
 * Lines of several senders, served in turn: one who sends a thousand things delays another's by one of them. Within one line
 * the order stays.
 */
export interface FairQueue<Item> {
  /** False when too many wait already. */
  push(sender: string, item: Item): boolean
  /** The next item: of the sender who was served longest ago. */
  shift(): Item | undefined
  readonly size: number
}

export function createFairQueue<Item>(itemsMax: number): FairQueue<Item> {
  // A Map keeps the order of insertion: whoever was served goes to its end.
  const lines = new Map<string, Item[]>()
  let size = 0

  return {
    push(sender, item) {
      if (size >= itemsMax) return false
      size += 1
      const line = lines.get(sender)
      if (line === undefined) lines.set(sender, [item])
      else line.push(item)
      return true
    },
    shift() {
      for (const [sender, line] of lines) {
        lines.delete(sender)
        const item = line.shift()
        if (line.length > 0) lines.set(sender, line)
        if (item === undefined) continue
        size -= 1
        return item
      }
      return undefined
    },
    get size() {
      return size
    },
  }
}
