import type { Answer } from '../link/link.ts'
import type { LogState, Storage, StoredEvent } from '../storage/storage.ts'
import { coreSizes } from './core-options.ts'
import { eventText } from './event-text.ts'
import { createRing } from './ring.ts'

type PageAnswer = Extract<Answer, { kind: 'page' }>

/** A channel's log as the core sees it: its ends, its newest events in memory, and pages of any of it. */
export interface ChannelLog {
  readonly state: LogState
  /** An event was committed at the head. Returns its text. */
  committed(offset: number, payload: string, erase: number | undefined): string
  compacted(state: LogState): void
  /** Calls `give` with the page after an offset: at once where memory has it, else when storage has answered. */
  pageAfter(
    after: number,
    limit: number,
    give: (page: PageAnswer) => void,
  ): Promise<void> | undefined
  pageBefore(before: number | undefined, limit: number): Promise<PageAnswer>
  /** The event at an offset, from memory or storage. */
  one(offset: number): Promise<StoredEvent | undefined>
}

export function createChannelLog(name: string, opened: LogState, storage: Storage): ChannelLog {
  let state = opened
  const ring = createRing(opened.head, coreSizes.ringEventsMax, coreSizes.ringCharsMax)

  /** Learns from what storage says of the log that its old end is gone. */
  function trimmed({ begin }: LogState): void {
    if (begin > state.begin) state = { ...state, begin }
  }

  function fromRing(after: number, limit: number): PageAnswer | undefined {
    const events = ring.after(after, limit, coreSizes.pageCharsMax)
    return events && { kind: 'page', log: state, first: after + 1, events }
  }

  function fromStorage(events: readonly StoredEvent[], after: number): PageAnswer {
    const texts: string[] = []
    let chars = 0
    for (const event of events) {
      // Storage may be a commit ahead of what this channel has been told; that part follows as live events.
      if (event.offset > state.head) break
      const text = eventText(name, event)
      chars += text.length
      if (chars > coreSizes.pageCharsMax && texts.length > 0) break
      texts.push(text)
    }
    return { kind: 'page', log: state, first: events[0]?.offset ?? after + 1, events: texts }
  }

  return {
    get state() {
      return state
    },

    committed(offset, payload, erase) {
      if (offset !== state.head + 1) {
        throw new Error(`${name}: offset ${offset} does not follow head ${state.head}`)
      }
      state = { ...state, head: offset }
      const text = eventText(name, { offset, payload })
      ring.push(offset, text)
      if (erase !== undefined) {
        ring.replace(erase, eventText(name, { offset: erase, payload: undefined }))
      }
      return text
    },

    compacted: trimmed,

    pageAfter(after, limit, give) {
      const held = after >= state.begin - 1 ? fromRing(after, limit) : undefined
      if (held !== undefined) {
        give(held)
        return undefined
      }
      return storage.readAfter(name, after, limit).then(({ events, log }) => {
        trimmed(log)
        give(fromStorage(events, after))
      })
    },

    async pageBefore(before, limit) {
      const end = Math.min(before ?? state.head + 1, state.head + 1)
      const { events, log } = await storage.readBefore(name, end, limit)
      trimmed(log)
      // The newest of the page are what was asked for: cut at the old end where it is too long.
      let chars = 0
      let start = events.length
      const texts = events.map((event) => eventText(name, event))
      while (start > 0) {
        chars += texts[start - 1]?.length ?? 0
        if (chars > coreSizes.pageCharsMax && start < events.length) break
        start -= 1
      }
      const first = events[start]?.offset ?? end
      return { kind: 'page', log: state, first, events: texts.slice(start) }
    },

    async one(offset) {
      if (offset < state.begin || offset > state.head) return undefined
      return await storage.readOne(name, offset)
    },
  }
}
