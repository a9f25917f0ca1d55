import { type Refusal, refuse } from '../../../protocol/index.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import type { Answer, LinkJoin, LinkJoined, ToCore } from '../../link/link.ts'
import { contain, type FaultContext } from '../../runtime/containment.ts'
import { asRusherError } from '../log/appender.ts'
import type { Channel } from './channel.ts'
import type { ChannelLog } from './channel-log.ts'
import type { ChannelRegistry } from './channel-registry.ts'

export type JoinMessage = Extract<ToCore, { kind: 'join' }>

interface Parts {
  readonly registry: Pick<ChannelRegistry, 'get' | 'unserved'>
  readonly faults: FaultContext
  /** Whether the edge is still there. */
  readonly attached: (edge: EdgeEnd) => boolean
  readonly reply: (edge: EdgeEnd, call: number, answer: Answer) => void
}

interface Ready {
  readonly ask: LinkJoin
  readonly channel: Channel
  readonly log: ChannelLog
}

type Readied = Ready | { readonly refusal: Refusal }

/**
 * Lets sessions into channels. All channels of a join are entered in one turn, the one in which the answer is sent: what is
 * committed later comes to the edge after it. A channel that cannot be opened is refused, and the others are joined.
 */
export function createJoinHandler({
  registry,
  faults,
  attached,
  reply,
}: Parts): (edge: EdgeEnd, message: JoinMessage) => void {
  /** Gives the channel where it is open, and a promise only where it has to be waited for. */
  function ready(ask: LinkJoin): Readied | Promise<Readied> {
    const channel = registry.get(ask.channel)
    if (channel === undefined) return { refusal: registry.unserved(ask.channel) }
    if (channel.log !== undefined && !ask.latest) return { ask, channel, log: channel.log }
    return opened(ask, channel)
  }

  async function opened(ask: LinkJoin, channel: Channel): Promise<Readied> {
    try {
      const channelLog = await channel.opened
      if (ask.latest) await channel.subscribers.loadLatest()
      return { ask, channel, log: channelLog }
    } catch (error) {
      faults.log.error({ err: asRusherError(error), channel: channel.name }, 'a read failed')
      return { refusal: refuse('STORAGE_UNAVAILABLE', undefined, 1_000) }
    }
  }

  function enter(edge: EdgeEnd, { user }: JoinMessage, { ask, channel, log }: Ready): LinkJoined {
    // While others of this join were waited for, an empty channel may have been let go.
    if (registry.get(channel.name) !== channel)
      return { refusal: refuse('STORAGE_UNAVAILABLE', undefined, 1_000) }
    const { subscribers } = channel
    subscribers.join(edge, user, ask.presence)
    const presence = ask.presence ? subscribers.presence() : undefined
    channel.flush()
    return {
      log: log.state,
      ...(presence === undefined ? {} : { presence }),
      ...(ask.latest ? { latest: subscribers.latest() } : {}),
    }
  }

  function enterAll(edge: EdgeEnd, message: JoinMessage, readied: readonly Readied[]): void {
    if (!attached(edge)) return
    const channels = readied.map((one) => ('refusal' in one ? one : enter(edge, message, one)))
    reply(edge, message.call, { kind: 'joined', channels })
  }

  return (edge: EdgeEnd, message: JoinMessage): void => {
    const asked = message.channels.map(ready)
    if (asked.every(isReadied)) enterAll(edge, message, asked)
    else {
      const entered = Promise.all(asked).then((readied) => enterAll(edge, message, readied))
      contain(faults, 'link', entered, () => {
        const refusal = refuse('INTERNAL')
        reply(edge, message.call, { kind: 'refused', refusal })
      })
    }
  }
}

function isReadied(one: Readied | Promise<Readied>): one is Readied {
  return !(one instanceof Promise)
}
