import { type Gap, type Position, resume } from '../../../protocol/index.ts'
import type { Answer } from '../../link/link.ts'
import type { LogState } from '../../storage/storage.ts'
import { type Chunk, chunksOf } from './message-chunk.ts'
import type { Outbox } from './outbox.ts'
import type { HubChannel, Session } from './session.ts'
import { SmallSet } from './small-set.ts'

export type PageAnswer = Extract<Answer, { kind: 'page' }>

/** Asks the core for the page after an offset. */
export type Read = (
  channel: string,
  after: number,
  give: (answer: PageAnswer | undefined) => void,
) => void

/** Who follows which channel on this edge, and the delivery to them. */
export interface Hub {
  find(channel: string): HubChannel | undefined
  /** Makes a session a member that has seen `since` (or the head). What it has not seen follows in a later turn. */
  join(session: Session, channel: string, log: LogState, interest: Interest): Joined
  leave(session: Session, channel: HubChannel): void
  /** Events were committed. */
  deliver(channel: string, first: number, events: readonly string[]): void
  /** Something that is in no log. Who is congested misses it, and is marked stale. */
  pass(channel: string, about: 'signal' | 'latest' | 'presence', event: string): void
  /** A congested session can take more. */
  drained(session: Session): void
  /** Tries again what storage could not read. */
  retryReads(): void
  readonly size: number
}

export interface Interest {
  readonly since?: Position
  readonly presence?: boolean
  readonly latest?: boolean
}

export interface Joined {
  readonly channel: HubChannel
  readonly position: Position
  readonly recovered: boolean
  readonly gap: Gap | undefined
}

export function createHub(outbox: Outbox, read: Read, lagged: () => void): Hub {
  const channels = new Map<string, HubChannel>()
  const failedReads = new Map<Session, Set<HubChannel>>()

  function ensure(name: string, log: LogState): HubChannel {
    const known = channels.get(name)
    if (known !== undefined) return known
    const channel: HubChannel = {
      name,
      head: log.head,
      live: new SmallSet(),
      lagging: undefined,
      watchers: undefined,
      lookers: undefined,
      reads: undefined,
    }
    channels.set(name, channel)
    return channel
  }

  function lag(session: Session, channel: HubChannel, after: number): void {
    channel.live.delete(session)
    channel.lagging ??= new Map()
    channel.lagging.set(session, after)
  }

  /** Brings a lagging member one step on: to the head, or to the next page. */
  function pump(session: Session, channel: HubChannel): void {
    const after = channel.lagging?.get(session)
    if (after === undefined || session.congested || session.state === 'closed') return
    if (after >= channel.head) {
      channel.lagging?.delete(session)
      if (channel.lagging?.size === 0) channel.lagging = undefined
      channel.live.add(session)
      return
    }
    channel.reads ??= new Map()
    const waiting = channel.reads.get(after)
    if (waiting !== undefined) {
      waiting.add(session)
      return
    }
    channel.reads.set(after, new Set([session]))
    read(channel.name, after, (page) => give(channel, after, page))
  }

  /** Hands a page to everybody who waited for it: those who return together share one read and one encoding. */
  function give(channel: HubChannel, after: number, page: PageAnswer | undefined): void {
    const waiting = channel.reads?.get(after) ?? []
    channel.reads?.delete(after)
    if (channel.reads?.size === 0) channel.reads = undefined
    const chunks = page === undefined || page.events.length === 0 ? [] : chunksOf(page.events)
    for (const session of waiting) {
      if (channel.lagging?.get(session) !== after) continue
      if (page === undefined)
        failedReads.set(session, (failedReads.get(session) ?? new Set()).add(channel))
      else takePage(session, channel, after, page, chunks)
    }
  }

  function takePage(
    session: Session,
    channel: HubChannel,
    after: number,
    page: PageAnswer,
    chunks: readonly Chunk[],
  ): void {
    const first = page.events.length > 0 ? page.first : Math.max(page.log.begin, after + 1)
    if (first > after + 1) {
      const gap: Gap = { from: after + 1, to: first - 1, reason: 'trimmed' }
      outbox.offer(session, JSON.stringify({ type: 'gap', channel: channel.name, gap }))
    }
    for (const chunk of chunks) outbox.offer(session, chunk)
    const last = first + page.events.length - 1
    channel.lagging?.set(session, last)
    if (last === after)
      failedReads.set(session, (failedReads.get(session) ?? new Set()).add(channel))
    // After this turn's writes the pipe knows whether it can take the next page.
    else outbox.afterFlush(() => pump(session, channel))
  }

  return {
    find: (name) => channels.get(name),

    join(session, name, log, { since, presence = false, latest = false }) {
      const channel = ensure(name, log)
      const { after, gap } =
        since === undefined ? { after: log.head, gap: undefined } : resume(since, log)
      if (after === channel.head) channel.live.add(session)
      else {
        lag(session, channel, after)
        pump(session, channel)
      }
      if (presence) channel.watchers = (channel.watchers ?? new SmallSet()).add(session)
      if (latest) channel.lookers = (channel.lookers ?? new SmallSet()).add(session)
      // A spread literal reserves room for sixteen more.
      session.channels = session.channels.concat(channel)
      return {
        channel,
        position: { epoch: log.epoch, offset: log.head },
        recovered: since !== undefined && gap === undefined,
        gap,
      }
    },

    leave(session, channel) {
      session.channels = session.channels.filter((one) => one !== channel)
      session.stale?.delete(channel)
      failedReads.get(session)?.delete(channel)
      channel.live.delete(session)
      channel.lagging?.delete(session)
      channel.watchers?.delete(session)
      channel.lookers?.delete(session)
      if (channel.live.size === 0 && (channel.lagging?.size ?? 0) === 0)
        channels.delete(channel.name)
    },

    deliver(name, first, events) {
      const channel = channels.get(name)
      if (channel === undefined) return
      const last = first + events.length - 1
      const before = channel.head
      if (last <= before) return
      channel.head = last
      if (first !== before + 1) {
        // A hole, which the link's order rules out; the log has what is missing.
        for (const session of channel.live.all) lag(session, channel, before)
        for (const session of [...(channel.lagging?.keys() ?? [])]) pump(session, channel)
        return
      }
      const chunks = chunksOf(events)
      for (const session of channel.live.all) {
        if (session.congested) {
          lag(session, channel, before)
          lagged()
        } else for (const chunk of chunks) outbox.offer(session, chunk)
      }
    },

    pass(name, about, event) {
      const channel = channels.get(name)
      if (channel === undefined) return
      const chunk = chunksOf([event])[0]
      if (chunk === undefined) return
      const pass = (session: Session): void => {
        if (!session.congested) outbox.offer(session, chunk)
        else if (about !== 'signal') session.stale = (session.stale ?? new Set()).add(channel)
      }
      if (about === 'presence') channel.watchers?.forEach(pass)
      else if (about === 'latest') channel.lookers?.forEach(pass)
      else {
        channel.live.forEach(pass)
        channel.lagging?.forEach((_after, session) => {
          pass(session)
        })
      }
    },

    drained(session) {
      for (const channel of session.channels) pump(session, channel)
    },

    retryReads() {
      for (const [session, failed] of failedReads) {
        failedReads.delete(session)
        for (const channel of failed) pump(session, channel)
      }
    },

    get size() {
      return channels.size
    },
  }
}
