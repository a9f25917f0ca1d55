import type { Answer } from '../../link/link.ts'
import type { LogState, Storage, StoredEvent } from '../../storage/storage.ts'
import { coreLimits } from './channel-limits.ts'
import { eventText } from './event-text.ts'
import { RecentEvents } from './recent-events.ts'

type PageAnswer = Extract<Answer, { kind: 'page' }>

const ringBounds = { eventsMax: coreLimits.recentEventsMax, charsMax: coreLimits.recentCharsMax }

/** A channel's log as the core sees it: its ends, its newest events in memory, and pages of any of it. */
export class ChannelLog {
  readonly #name: string
  readonly #storage: Storage
  readonly #ring: RecentEvents
  #state: LogState

  constructor(name: string, opened: LogState, storage: Storage) {
    this.#name = name
    this.#storage = storage
    this.#ring = new RecentEvents(opened.head, ringBounds)
    this.#state = opened
  }

  get state(): LogState {
    return this.#state
  }

  /** An event was committed at the head. Returns its text. */
  committed(offset: number, payload: string, erase: number | undefined): string {
    const { head } = this.#state
    if (offset !== head + 1) {
      throw new Error(`${this.#name}: offset ${offset} does not follow head ${head}`)
    }
    this.#state = { ...this.#state, head: offset }
    const text = eventText(this.#name, { offset, payload })
    this.#ring.push(offset, text)
    if (erase !== undefined) {
      this.#ring.replace(erase, eventText(this.#name, { offset: erase, payload: undefined }))
    }
    return text
  }

  /** Learns from what storage says of the log that its old end is gone. */
  compacted({ begin }: LogState): void {
    if (begin > this.#state.begin) this.#state = { ...this.#state, begin }
  }

  /** Calls `give` with the page after an offset: at once where memory has it, else when storage has answered. */
  pageAfter(
    after: number,
    limit: number,
    give: (page: PageAnswer) => void,
  ): Promise<void> | undefined {
    const held = after >= this.#state.begin - 1 ? this.#fromRing(after, limit) : undefined
    if (held !== undefined) {
      give(held)
      return undefined
    }
    return this.#storage.readAfter(this.#name, after, limit).then(({ events, log }) => {
      this.compacted(log)
      give(this.#fromStorage(events, after))
    })
  }

  async pageBefore(before: number | undefined, limit: number): Promise<PageAnswer> {
    const end = Math.min(before ?? this.#state.head + 1, this.#state.head + 1)
    const { events, log } = await this.#storage.readBefore(this.#name, end, limit)
    this.compacted(log)
    // The newest of the page are what was asked for: cut at the old end where it is too long.
    let chars = 0
    let start = events.length
    const texts = events.map((event) => eventText(this.#name, event))
    while (start > 0) {
      chars += texts[start - 1]?.length ?? 0
      if (chars > coreLimits.pageCharsMax && start < events.length) break
      start -= 1
    }
    const first = events[start]?.offset ?? end
    return { kind: 'page', log: this.#state, first, events: texts.slice(start) }
  }

  /** The event at an offset; undefined where the log has none. */
  async one(offset: number): Promise<StoredEvent | undefined> {
    if (offset < this.#state.begin || offset > this.#state.head) return undefined
    return await this.#storage.readOne(this.#name, offset)
  }

  #fromRing(after: number, limit: number): PageAnswer | undefined {
    const events = this.#ring.after(after, limit, coreLimits.pageCharsMax)
    return events && { kind: 'page', log: this.#state, first: after + 1, events }
  }

  #fromStorage(events: readonly StoredEvent[], after: number): PageAnswer {
    const texts: string[] = []
    let chars = 0
    for (const event of events) {
      // Storage may be a commit ahead of what this channel has been told; that part follows as live events.
      if (event.offset > this.#state.head) break
      const text = eventText(this.#name, event)
      chars += text.length
      if (chars > coreLimits.pageCharsMax && texts.length > 0) break
      texts.push(text)
    }
    return { kind: 'page', log: this.#state, first: events[0]?.offset ?? after + 1, events: texts }
  }
}
