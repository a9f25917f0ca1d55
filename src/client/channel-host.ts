import type { ClientLimits } from '../protocol/client-limits.ts'
import type { ServerMessage } from '../protocol/message.ts'
import type { ChannelSnapshot } from './client.ts'
import type { JoinableChannel, Joiner } from './joiner.ts'
import type { Publisher, PublishOwner } from './publisher.ts'
import type { Call, Session } from './session.ts'
import type { AttachedStore } from './store/store.ts'

/** A message that belongs to one channel. */
export type ChannelMessage = Extract<ServerMessage, { readonly channel: string }>

/** A channel as its client sees it. */
export interface HostedChannel extends JoinableChannel, PublishOwner {
  /** Calls the listeners of the snapshot. */
  notify(): void
  getSnapshot(): ChannelSnapshot
}

/** What a channel needs of the client it belongs to. */
export interface ChannelHost {
  userId(): string | undefined
  /** The limits of the server; the defaults, as long as it has not told them. */
  limits(): ClientLimits
  /** Sends once there is a session; rejects when that ends before the reply. */
  call(command: Call, bodyText?: string): Promise<unknown>
  /** Sends if there is a session; a refusal is reported to the channel. */
  signal(channel: HostedChannel, bodyText: string): void
  readonly publisher: Publisher
  readonly joiner: Joiner
  /** Knows where the channel stood in an earlier visit. */
  readonly store: AttachedStore | undefined
  leave(channel: HostedChannel): void
  changed(channel: HostedChannel): void
  /** Events did not follow one another: the session must be resumed. */
  positionLost(session: Session): void
}
