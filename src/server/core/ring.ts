/** The newest events of a channel's log, in memory, so that most who return are served without storage. */
export interface Ring {
  /** Offset of the first event held; the next to come when it is empty. */
  readonly first: number
  push(offset: number, event: string): void
  /** Replaces the text of an event that is held. */
  replace(offset: number, event: string): void
  get(offset: number): string | undefined
  /** Up to `limit` events after an offset and up to `charsMax` in all, but at least one; undefined where the ring does not reach back so far. */
  after(offset: number, limit: number, charsMax: number): readonly string[] | undefined
}

/** A ring of at most `eventsMax` events and about `charsMax` characters, that begins after `head`. */
export function createRing(head: number, eventsMax: number, charsMax: number): Ring {
  let events: string[] = []
  let first = head + 1
  let chars = 0

  function shrink(): void {
    let cut = 0
    while (cut < events.length - 1 && (events.length - cut > eventsMax || chars > charsMax)) {
      chars -= events[cut]?.length ?? 0
      cut += 1
    }
    events = events.slice(cut)
    first += cut
  }

  return {
    get first() {
      return first
    },
    push(offset, event) {
      if (events.length === 0) first = offset
      events.push(event)
      chars += event.length
      // Cut in pieces: one shift a push would move the whole array each time.
      if (events.length > eventsMax * 1.25 || chars > charsMax * 1.25) shrink()
    },
    replace(offset, event) {
      const before = events[offset - first]
      if (before === undefined) return
      chars += event.length - before.length
      events[offset - first] = event
    },
    get: (offset) => events[offset - first],
    after(offset, limit, pageCharsMax) {
      if (offset + 1 < first) return undefined
      const start = offset + 1 - first
      let end = start
      let size = 0
      while (end < events.length && end - start < limit) {
        size += events[end]?.length ?? 0
        if (size > pageCharsMax && end > start) break
        end += 1
      }
      return events.slice(start, end)
    },
  }
}
