/** A publish on its way to its acknowledgement. */
export interface OutboxEntry {
  readonly id: string
  readonly channel: string
  /** The body's JSON text: each time it is sent, the same bytes go. */
  readonly bodyText: string
  readonly expect?: number
}

interface Slot<Entry> {
  readonly entry: Entry
  readonly order: number
  tries: number
  sent: boolean
}

interface Lane<Entry> {
  readonly slots: Slot<Entry>[]
  pausedUntil: number
}

export interface OutboxBounds {
  readonly entriesMax: number
  /** Publishes of one channel on their way at once. */
  readonly laneSentMax: number
  /** Publishes on their way at once. */
  readonly sentMax: number
}

/**
 * Publishes that are not acknowledged, in the order they were made. Each channel is a lane: while one publish waits to be sent
 * again, none behind it is sent.
 */
export class Outbox<Entry extends OutboxEntry> {
  readonly #bounds: OutboxBounds
  readonly #slots = new Map<string, Slot<Entry>>()
  readonly #lanes = new Map<string, Lane<Entry>>()
  #order = 0
  /** Below every order of this visit. */
  #restoredOrder = Number.MIN_SAFE_INTEGER
  #sent = 0
  #pausedUntil = 0

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#slots.size
  }

  get isFull(): boolean {
    return this.#slots.size >= this.#bounds.entriesMax
  }

  has(id: string): boolean {
    return this.#slots.has(id)
  }

  holds(entry: Entry): boolean {
    return this.#slots.get(entry.id)?.entry === entry
  }

  /** Adds an entry at the end of its channel. */
  add(entry: Entry): void {
    this.#insert(entry, this.#order)
    this.#order += 1
  }

  /** Adds an entry of an earlier visit. It goes before those of this one, as far as they wait. */
  restore(entry: Entry): void {
    this.#insert(entry, this.#restoredOrder)
    this.#restoredOrder += 1
  }

  /** Takes what may be sent now, in order, and counts it as sent. */
  take(now: number): Entry[] {
    if (now < this.#pausedUntil) return []
    const ready: Slot<Entry>[] = []
    for (const lane of this.#lanes.values()) {
      if (now < lane.pausedUntil) continue
      for (const slot of lane.slots.slice(0, this.#bounds.laneSentMax)) {
        if (!slot.sent) ready.push(slot)
      }
    }
    ready.sort((a, b) => a.order - b.order)
    ready.splice(Math.max(0, this.#bounds.sentMax - this.#sent))
    for (const slot of ready) {
      slot.sent = true
      slot.tries += 1
    }
    this.#sent += ready.length
    return ready.map((slot) => slot.entry)
  }

  /** How often an entry was sent. */
  triesOf(id: string): number {
    return this.#slots.get(id)?.tries ?? 0
  }

  isSent(id: string): boolean {
    return this.#slots.get(id)?.sent ?? false
  }

  /** Has an entry sent again, not before `until`; its channel, or every channel, waits with it. */
  retry(id: string, until: number, who: 'channel' | 'all'): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#unsend(slot)
    if (who === 'all') this.#pausedUntil = Math.max(this.#pausedUntil, until)
    const lane = this.#lanes.get(slot.entry.channel)
    if (who === 'channel' && lane !== undefined) {
      lane.pausedUntil = Math.max(lane.pausedUntil, until)
    }
  }

  /** Has everything sent again, in order: the session it was sent in is gone. */
  resend(): void {
    for (const slot of this.#slots.values()) this.#unsend(slot)
  }

  remove(id: string): Entry | undefined {
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    this.#unsend(slot)
    this.#slots.delete(id)
    const lane = this.#lanes.get(slot.entry.channel)
    lane?.slots.splice(lane.slots.indexOf(slot), 1)
    if (lane?.slots.length === 0) this.#lanes.delete(slot.entry.channel)
    return slot.entry
  }

  entries(): Entry[] {
    return Array.from(this.#slots.values(), (slot) => slot.entry)
  }

  /** When the next pause of something that waits ends; undefined when nothing is paused. */
  wakeAt(now: number): number | undefined {
    let earliest: number | undefined
    for (const lane of this.#lanes.values()) {
      const until = Math.max(lane.pausedUntil, this.#pausedUntil)
      if (until > now && (earliest === undefined || until < earliest)) earliest = until
    }
    return earliest
  }

  #insert(entry: Entry, order: number): void {
    const slot: Slot<Entry> = { entry, order, tries: 0, sent: false }
    this.#slots.set(entry.id, slot)
    const lane = this.#lanes.get(entry.channel) ?? { slots: [], pausedUntil: 0 }
    this.#lanes.set(entry.channel, lane)
    let at = lane.slots.length
    for (let last = lane.slots[at - 1]; last && !last.sent && last.order > order; ) {
      at -= 1
      last = lane.slots[at - 1]
    }
    lane.slots.splice(at, 0, slot)
  }

  #unsend(slot: Slot<Entry>): void {
    if (slot.sent) this.#sent -= 1
    slot.sent = false
  }
}
