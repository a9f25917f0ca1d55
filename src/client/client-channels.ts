import { type ClientLimits, defaultClientLimits } from '../protocol/client-limits.ts'
import type { ConnectReply } from '../protocol/message.ts'
import { ChannelCore } from './channel-core.ts'
import type { ChannelHost, HostedChannel } from './channel-host.ts'
import type { ChannelOptions } from './client.ts'
import type { ClientError } from './client-error.ts'
import type { ClientParts } from './client-parts.ts'
import { Joiner } from './joiner.ts'
import { Publisher } from './publisher.ts'
import type { Call, CallResult, Session } from './session.ts'
import type { AttachedStore } from './store/store.ts'
import { WaitingCalls } from './waiting-calls.ts'

export interface ClientChannelsParts extends ClientParts {
  /** The live session, if there is one. */
  readonly session: () => Session | undefined
  /** The live session, and its successor once that was asked to join. */
  readonly sessions: () => readonly Session[]
  /** What the server said last; undefined before the first session. */
  readonly welcome: () => ConnectReply | undefined
  /** Why nothing is sent any more; undefined while the client is open. */
  readonly closed: () => ClientError | undefined
  /** Without a channel, the client itself changed. */
  readonly changed: (channel?: HostedChannel) => void
  readonly positionLost: (session: Session) => void
  /** Reports that storing failed. */
  readonly report: (error: ClientError) => void
}

/** The channels of a client by name, with what waits for the server, and what they ask of it. */
export class ClientChannels implements ChannelHost {
  readonly #parts: ClientChannelsParts
  readonly byName = new Map<string, ChannelCore>()
  readonly store: AttachedStore | undefined
  readonly publisher: Publisher
  readonly joiner: Joiner
  readonly waiting: WaitingCalls
  readonly changed: (channel: HostedChannel) => void
  readonly positionLost: (session: Session) => void

  constructor(parts: ClientChannelsParts) {
    this.#parts = parts
    this.changed = parts.changed
    this.positionLost = parts.positionLost
    const channel = (name: string) => this.byName.get(name)
    this.store = parts.options.store?.attach({
      ...parts,
      restore: (publish) => this.publisher.restore(publish, channel(publish.channel)),
      withdraw: (publish, error) => {
        this.publisher.withdraw(publish.id, error)
        channel(publish.channel)?.failed(publish.id, error)
      },
    })
    const all = { ...parts, channel, store: this.store, limits: () => this.limits() }
    this.publisher = new Publisher(all)
    this.joiner = new Joiner(all)
    this.waiting = new WaitingCalls(all)
  }

  /** The channel of a name. It is joined when it is first asked for, and again to know more. */
  open(name: string, options: ChannelOptions): ChannelCore {
    const known = this.byName.get(name)
    if (known?.want(options) === true) this.joiner.add(known)
    if (known !== undefined) return known
    const channel = new ChannelCore(name, options, this)
    if (this.#parts.closed() !== undefined) channel.leave()
    else {
      this.byName.set(name, channel)
      this.publisher.claim(channel)
      this.joiner.add(channel)
    }
    return channel
  }

  userId(): string | undefined {
    return this.#parts.welcome()?.user.id
  }

  limits(): ClientLimits {
    return this.#parts.welcome()?.limits ?? defaultClientLimits
  }

  call(command: Call, bodyText?: string): Promise<unknown> {
    const closed = this.#parts.closed()
    if (closed !== undefined) return Promise.reject(closed)
    return this.waiting.call(command, bodyText, this.#parts.session())
  }

  signal(channel: HostedChannel, bodyText: string): void {
    const told = (result: CallResult) => 'refusal' in result && channel.report(result.refusal)
    this.#parts.session()?.call({ type: 'signal', channel: channel.name }, told, bodyText)
  }

  leave(channel: HostedChannel): void {
    this.byName.delete(channel.name)
    this.joiner.leave(channel)
  }
}
