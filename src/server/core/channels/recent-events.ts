/** How much a ring holds at most; of characters about so many. */
export interface RingBounds {
  readonly eventsMax: number
  readonly charsMax: number
}

/** The newest events of a channel's log, in memory, so that most who return are served without storage. */
export class RecentEvents {
  readonly #bounds: RingBounds
  #events: string[] = []
  #first: number
  #chars = 0

  /** An empty ring that begins after `head`. */
  constructor(head: number, bounds: RingBounds) {
    this.#first = head + 1
    this.#bounds = bounds
  }

  /** Offset of the first event held; the next to come when it is empty. */
  get first(): number {
    return this.#first
  }

  push(offset: number, event: string): void {
    const { eventsMax, charsMax } = this.#bounds
    if (this.#events.length === 0) this.#first = offset
    this.#events.push(event)
    this.#chars += event.length
    // Cut in pieces: one shift a push would move the whole array each time.
    if (this.#events.length > eventsMax * 1.25 || this.#chars > charsMax * 1.25) this.#shrink()
  }

  /** Replaces the text of an event that is held. */
  replace(offset: number, event: string): void {
    const before = this.#events[offset - this.#first]
    if (before === undefined) return
    this.#chars += event.length - before.length
    this.#events[offset - this.#first] = event
  }

  /** Up to `limit` events after an offset and up to `charsMax` in all, but at least one; undefined where the ring does not reach back so far. */
  after(offset: number, limit: number, charsMax: number): readonly string[] | undefined {
    if (offset + 1 < this.#first) return undefined
    const start = offset + 1 - this.#first
    let end = start
    let size = 0
    while (end < this.#events.length && end - start < limit) {
      size += this.#events[end]?.length ?? 0
      if (size > charsMax && end > start) break
      end += 1
    }
    return this.#events.slice(start, end)
  }

  #shrink(): void {
    const { eventsMax, charsMax } = this.#bounds
    const events = this.#events
    let cut = 0
    while (cut < events.length - 1 && (events.length - cut > eventsMax || this.#chars > charsMax)) {
      this.#chars -= events[cut]?.length ?? 0
      cut += 1
    }
    this.#events = events.slice(cut)
    this.#first += cut
  }
}
