import type { ClientLimits } from '../protocol/client-limits.ts'
import type { ServerMessage } from '../protocol/message.ts'
import type { ChannelCore } from './channel-core.ts'
import type { Joiner } from './joiner.ts'
import type { Publisher } from './publisher.ts'
import type { Call, Session } from './session.ts'
import type { AttachedStore } from './store/store.ts'

/** A message that belongs to one channel. */
export type ChannelMessage = Extract<ServerMessage, { readonly channel: string }>

/** What a channel needs of the client it belongs to. */
export interface ChannelHost {
  userId(): string | undefined
  /** The limits of the server; the defaults, as long as it has not told them. */
  limits(): ClientLimits
  /** Sends once there is a session; rejects when that ends before the reply. */
  call(command: Call, bodyText?: string): Promise<unknown>
  /** Sends if there is a session; a refusal is reported to the channel. */
  signal(channel: ChannelCore, bodyText: string): void
  readonly publisher: Publisher
  readonly joiner: Joiner
  /** Knows where the channel stood in an earlier visit. */
  readonly store: AttachedStore | undefined
  leave(channel: ChannelCore): void
  changed(channel: ChannelCore): void
  /** Events did not follow one another: the session must be resumed. */
  positionLost(session: Session): void
}
