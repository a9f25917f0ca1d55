import { type Refusal, refuse } from '../protocol/errors.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { JoinReply } from '../protocol/message.ts'
import { backoffMs } from './backoff.ts'
import type { ChannelCore } from './channel-core.ts'
import type { Clock } from './clock.ts'
import type { CallResult, Session } from './session.ts'

export interface JoinerParts {
  readonly clock: Clock
  readonly random: () => number
  /** The live session, if there is one. */
  readonly session: () => Session | undefined
}

/** Joins channels, those of one turn in one command, and knows which session was asked for which. */
export class Joiner {
  readonly #parts: JoinerParts
  readonly #asked = new WeakMap<Session, Set<ChannelCore>>()
  /** Channels that were refused for now: the timer, and how often. */
  readonly #refused = new Map<ChannelCore, { timer: unknown; times: number }>()
  #adding = new Set<ChannelCore>()

  constructor(parts: JoinerParts) {
    this.#parts = parts
  }

  /** Joins a channel in the live session, anew if it is joined there. Without one, the next session joins it. */
  add(channel: ChannelCore): void {
    this.#adding.add(channel)
    if (this.#adding.size === 1) queueMicrotask(() => this.#flush())
  }

  /** Joins a channel again that was refused for now. */
  addLater(channel: ChannelCore, refusal: Refusal): void {
    const { clock, random } = this.#parts
    const times = this.#forget(channel)
    const delayMs = refusal.retryAfterMs ?? backoffMs(times, random)
    const timer = clock.after(delayMs, () => {
      if (channel.getSnapshot().state === 'refused') this.add(channel)
    })
    this.#refused.set(channel, { timer, times: times + 1 })
  }

  /** Leaves a channel in a session that was asked for it. */
  leave(channel: ChannelCore, session: Session | undefined): void {
    this.#forget(channel)
    this.#adding.delete(channel)
    if (session === undefined || this.#asked.get(session)?.delete(channel) !== true) return
    session.call({ type: 'leave', channels: [channel.name] }, () => {})
  }

  /** Joins those of the channels that the session was not asked for; `done` when all have their answers. */
  joinAll(session: Session, channels: readonly ChannelCore[], done: () => void): void {
    const asked = this.#asked.get(session) ?? new Set()
    this.#asked.set(session, asked)
    const missing = channels.filter((channel) => !asked.has(channel))
    const chunkMax = session.welcome?.limits.joinChannelsMax ?? defaultLimits.joinChannelsMax
    let open = Math.ceil(missing.length / chunkMax)
    if (open === 0) done()
    for (let from = 0; from < missing.length; from += chunkMax) {
      const chunk = missing.slice(from, from + chunkMax)
      for (const channel of chunk) {
        asked.add(channel)
        this.#adding.delete(channel)
      }
      const toJoin = chunk.map((channel) => channel.toJoin())
      session.call({ type: 'join', channels: toJoin }, (result) => {
        this.#joined(session, chunk, result)
        open -= 1
        if (open === 0) done()
      })
    }
  }

  clear(): void {
    for (const channel of [...this.#refused.keys()]) this.#forget(channel)
    this.#adding.clear()
  }

  #flush(): void {
    const channels = [...this.#adding]
    this.#adding.clear()
    const session = this.#parts.session()
    if (session === undefined) return
    const again = channels.filter((channel) => this.#asked.get(session)?.delete(channel) === true)
    if (again.length > 0) {
      session.call({ type: 'leave', channels: again.map((channel) => channel.name) }, () => {})
    }
    this.joinAll(session, channels, () => {})
  }

  #joined(session: Session, chunk: readonly ChannelCore[], result: CallResult): void {
    if ('failed' in result && result.failed === 'DISCONNECTED') return
    const answers = new Map(
      'ok' in result ? (result.ok as JoinReply).channels.map((one) => [one.channel, one]) : [],
    )
    const missing = 'refusal' in result ? result.refusal : refuse('BUSY', 'no answer to the join')
    for (const channel of chunk) {
      const asked = this.#asked.get(session)
      // Left meanwhile: the answer is to a question that nobody has any more.
      if (asked?.has(channel) !== true) continue
      const answer = answers.get(channel.name) ?? { channel: channel.name, error: missing }
      if ('error' in answer) asked.delete(channel)
      else this.#forget(channel)
      channel.joined(session, answer)
    }
  }

  /** Ends the wait of a refused channel. Answers how often it was refused. */
  #forget(channel: ChannelCore): number {
    const refused = this.#refused.get(channel)
    this.#parts.clock.clear(refused?.timer)
    this.#refused.delete(channel)
    return refused?.times ?? 0
  }
}
