import { defaultClientLimits } from '../protocol/client-limits.ts'
import type { Refusal } from '../protocol/errors.ts'
import type { ChannelToJoin, JoinedChannel, JoinReply } from '../protocol/message.ts'
import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { CallResult, Session } from './session.ts'

/** A channel that sessions can be in. */
export interface JoinableChannel {
  readonly name: string
  /** False for a channel that was refused before it was asked for. */
  readonly canJoin: boolean
  toJoin(): ChannelToJoin
  joined(session: Session, reply: JoinedChannel): void
}

export interface JoinerParts {
  readonly clock: Clock
  readonly random: () => number
  /** The sessions to be joined in: the live one, and its successor once it was asked to join. */
  readonly sessions: () => readonly Session[]
  /** The channel to be in under a name; undefined when it was left. */
  readonly channel: (name: string) => JoinableChannel | undefined
}

/**
 * Where a session stands with a channel. `unsure`: the server may have the session in it, and must be
 * told to take it out, since joining twice is refused.
 */
interface Membership {
  state: 'joining' | 'joined' | 'unsure' | 'leaving'
}

type Memberships = Map<string, Membership>

/** A channel that a session asks to be in. */
interface Asked {
  readonly channel: JoinableChannel
  readonly membership: Membership
}

/**
 * Brings each session into the channels that are wanted, and out of those that are not. What is
 * refused for now or not answered is asked again, until it holds or the session ends.
 */
export class Joiner {
  readonly #parts: JoinerParts
  /** Of each session, by channel name. A channel without one was not joined, or was left for sure. */
  readonly #memberships = new WeakMap<Session, Memberships>()
  /** How often in a row the server did not do what was asked, by channel name. */
  readonly #failures = new Map<string, number>()
  readonly #timers = new Set<unknown>()
  /** Channels to look at in this turn. */
  readonly #due = new Set<string>()

  constructor(parts: JoinerParts) {
    this.#parts = parts
  }

  /** Joins a channel, again where it is joined. Without a session, the next one joins it. */
  add({ name }: JoinableChannel): void {
    this.#doubt(name)
    this.#look([name])
  }

  /** Joins a channel again that the server took the session out of for now. */
  addLater({ name }: JoinableChannel, refusal: Refusal): void {
    this.#doubt(name)
    this.#lookLater([name], [refusal])
  }

  /** Leaves a channel that is not wanted any more. */
  leave({ name }: JoinableChannel): void {
    this.#failures.delete(name)
    this.#doubt(name)
    this.#look([name])
  }

  /** Joins those of the channels that the session was not asked for; `done` when all have their answers. */
  joinAll(session: Session, channels: readonly JoinableChannel[], done: () => void): void {
    const memberships: Memberships = this.#memberships.get(session) ?? new Map()
    this.#memberships.set(session, memberships)
    const missing = channels.filter(({ canJoin, name }) => canJoin && !memberships.has(name))
    this.#joinInChunks(session, missing, chunkMaxOf(session), done)
  }

  clear(): void {
    for (const timer of this.#timers) this.#parts.clock.clear(timer)
    this.#timers.clear()
  }

  /** Whatever the server was asked about a channel, it is to be left before it is joined. */
  #doubt(name: string): void {
    for (const session of this.#parts.sessions()) {
      const membership = this.#memberships.get(session)?.get(name)
      if (membership !== undefined && membership.state !== 'leaving') membership.state = 'unsure'
    }
  }

  /** Schedules channels to be reconciled, with all others of this turn. */
  #look(names: readonly string[]): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#flush())
    for (const name of names) this.#due.add(name)
  }

  /** Looks again when all refusals are over. */
  #lookLater(names: readonly string[], refusals: readonly Refusal[]): void {
    const { clock, random } = this.#parts
    const times = Math.max(...names.map((name) => this.#failures.get(name) ?? 0))
    for (const name of names) this.#failures.set(name, times + 1)
    const waits = refusals.map(({ retryAfterMs }) => retryAfterMs ?? backoffMs(times, random))
    const timer = clock.after(Math.max(...waits), () => {
      this.#timers.delete(timer)
      this.#look(names)
    })
    this.#timers.add(timer)
  }

  #flush(): void {
    const names = [...this.#due]
    this.#due.clear()
    const wanted = names.flatMap((name) => this.#parts.channel(name) ?? [])
    for (const session of this.#parts.sessions()) {
      const memberships = this.#memberships.get(session)
      if (memberships === undefined) continue
      const unsure = names.filter((name) => memberships.get(name)?.state === 'unsure')
      for (const chunk of inChunks(unsure, chunkMaxOf(session))) {
        this.#leaveNow(session, memberships, chunk)
      }
      this.joinAll(session, wanted, () => {})
    }
  }

  #leaveNow(session: Session, memberships: Memberships, names: readonly string[]): void {
    for (const name of names) memberships.set(name, { state: 'leaving' })
    session.call({ type: 'leave', channels: names }, (result) => {
      if (this.#isOver(session, result)) return
      if ('ok' in result) {
        for (const name of names) {
          memberships.delete(name)
          this.#failures.delete(name)
        }
        this.#look(names)
      } else {
        for (const name of names) memberships.set(name, { state: 'unsure' })
        this.#lookLater(names, [refusalOf(result)])
      }
    })
  }

  #joinInChunks(
    session: Session,
    channels: readonly JoinableChannel[],
    chunkMax: number,
    done: () => void,
  ): void {
    const chunks = inChunks(channels, chunkMax)
    let open = chunks.length
    if (open === 0) done()
    for (const chunk of chunks) {
      this.#join(session, chunk, () => {
        open -= 1
        if (open === 0) done()
      })
    }
  }

  #join(session: Session, channels: readonly JoinableChannel[], done: () => void): void {
    const memberships = this.#memberships.get(session)
    const asked: Asked[] = channels.map((channel) => {
      const membership: Membership = { state: 'joining' }
      memberships?.set(channel.name, membership)
      return { channel, membership }
    })
    const toJoin = channels.map((channel) => channel.toJoin())
    session.call({ type: 'join', channels: toJoin }, (result) => {
      if (this.#isOver(session, result)) return
      // Left, or to be joined again: the answer is outdated.
      const open = asked.filter(({ membership }) => membership.state === 'joining')
      if ('refusal' in result && !result.refusal.retry && channels.length > 1) {
        // One of them may be what was refused: the others are joined without it.
        const alone = open.map(({ channel }) => channel)
        this.#joinInChunks(session, alone, 1, done)
        return
      }
      this.#joined(session, open, result)
      done()
    })
  }

  #joined(session: Session, asked: readonly Asked[], result: CallResult): void {
    const again: string[] = []
    const refusals: Refusal[] = []
    for (const { channel, membership } of asked) {
      const { name } = channel
      const reply = replyOf(name, result)
      if (!('error' in reply)) {
        membership.state = 'joined'
        this.#failures.delete(name)
      } else {
        if ('failed' in result) membership.state = 'unsure'
        else this.#memberships.get(session)?.delete(name)
        if (reply.error.retry) {
          again.push(name)
          refusals.push(reply.error)
        }
      }
      channel.joined(session, reply)
    }
    if (again.length > 0) this.#lookLater(again, refusals)
  }

  /** The session ended, or another one took over. */
  #isOver(session: Session, result: CallResult): boolean {
    const isLost = 'failed' in result && result.failed === 'DISCONNECTED'
    return isLost || !this.#parts.sessions().includes(session)
  }
}

function chunkMaxOf({ welcome }: Session): number {
  return (welcome?.limits ?? defaultClientLimits).joinChannelsMax
}

function inChunks<Item>(items: readonly Item[], chunkMax: number): (readonly Item[])[] {
  const chunks: (readonly Item[])[] = []
  for (let from = 0; from < items.length; from += chunkMax) {
    chunks.push(items.slice(from, from + chunkMax))
  }
  return chunks
}

/** What a join came to for one of its channels. */
function replyOf(channel: string, result: CallResult): JoinedChannel {
  const replies = 'ok' in result ? (result.ok as JoinReply).channels : []
  const reply = replies.find((one) => one.channel === channel)
  return reply ?? { channel, error: refusalOf(result) }
}

function refusalOf(result: CallResult): Refusal {
  if ('refusal' in result) return result.refusal
  return { code: 'BUSY', message: 'the server did not answer', retry: true }
}
