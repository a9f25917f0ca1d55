import type { ClientLimits } from '../protocol/client-limits.ts'
import type { Refusal } from '../protocol/errors.ts'
import type { Json } from '../protocol/message.ts'
import type { ChannelCore } from './channel-core.ts'
import type { PublishOptions, PublishReceipt } from './client.ts'
import type { Call, Session } from './session.ts'

/** What a channel needs of the client it belongs to. */
export interface ChannelHost {
  userId(): string | undefined
  /** The limits of the server; the defaults, as long as it has not told them. */
  limits(): ClientLimits
  /** Sends once there is a session; rejects when that ends before the reply. */
  call(command: Call, bodyText?: string): Promise<unknown>
  /** Sends if there is a session; a refusal is reported to the channel. */
  signal(channel: ChannelCore, bodyText: string): void
  publish(channel: ChannelCore, body: Json, options: PublishOptions): Promise<PublishReceipt>
  /** Takes a publish back; false when it may have been sent. */
  discard(id: string): boolean
  /** Has the channel joined; again, if it is. */
  join(channel: ChannelCore): void
  joinLater(channel: ChannelCore, refusal: Refusal): void
  leave(channel: ChannelCore): void
  changed(channel: ChannelCore): void
  /** Events did not follow one another: the session must be resumed. */
  positionLost(session: Session): void
}
