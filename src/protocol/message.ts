import type { ClientLimits } from './client-limits.ts'
import type { CloseReason } from './close-codes.ts'
import type { Refusal } from './errors.ts'
import type { Gap, Position } from './position.ts'

/** Any JSON value. Bodies are the apps' own; the protocol carries them as they are. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Who a session acts for, as others see it. */
export interface User {
  readonly id: string
  readonly name?: string
}

// --- what a client asks ---

/** The first command of a session. `user` is only looked at by a server whose auth is open. */
export interface ConnectCommand {
  readonly type: 'connect'
  readonly ref: number
  readonly version: number
  readonly token?: string
  readonly user?: User
  readonly client?: { readonly name: string; readonly version: string }
}

/** Replaces the token of the live session. */
export interface RenewCommand {
  readonly type: 'renew'
  readonly ref: number
  readonly token: string
}

export interface ChannelToJoin {
  readonly channel: string
  /** The last position seen. Absent: start at the head. */
  readonly since?: Position
  /** Send who is here, and who comes and goes. */
  readonly presence?: boolean
  /** Send the newest value of every key that is kept as `latest`, and its changes. */
  readonly latest?: boolean
}

export interface JoinCommand {
  readonly type: 'join'
  readonly ref: number
  readonly channels: readonly ChannelToJoin[]
}

export interface LeaveCommand {
  readonly type: 'leave'
  readonly ref: number
  readonly channels: readonly string[]
}

/** Asks for an event in the log. The id makes it safe to send again. */
export interface PublishCommand {
  readonly type: 'publish'
  readonly ref: number
  readonly channel: string
  readonly id: string
  readonly body: Json
  /** Only if this is still the head's offset. */
  readonly expect?: number
}

/** An ephemeral event: to whoever is there now, with no reply when it is accepted. */
export interface SignalCommand {
  readonly type: 'signal'
  readonly ref?: number
  readonly channel: string
  readonly body: Json
}

/** Asks the channel's app something and gets its reply. */
export interface RequestCommand {
  readonly type: 'request'
  readonly ref: number
  readonly channel: string
  readonly body: Json
}

/** One page: the last `limit` events before an offset (or the head), or the first `limit` after one. */
export interface HistoryCommand {
  readonly type: 'history'
  readonly ref: number
  readonly channel: string
  readonly before?: number
  readonly after?: number
  readonly limit?: number
}

export interface PresenceCommand {
  readonly type: 'presence'
  readonly ref: number
  readonly channel: string
}

/** Sets the data that others see of this user in the channel's presence; null removes it. */
export interface TrackCommand {
  readonly type: 'track'
  readonly ref: number
  readonly channel: string
  readonly data: Json
}

export interface PingCommand {
  readonly type: 'ping'
  readonly ref: number
}

/** Answers the server's ping. */
export interface PongCommand {
  readonly type: 'pong'
}

export type Command =
  | ConnectCommand
  | RenewCommand
  | JoinCommand
  | LeaveCommand
  | PublishCommand
  | SignalCommand
  | RequestCommand
  | HistoryCommand
  | PresenceCommand
  | TrackCommand
  | PingCommand
  | PongCommand

export type CommandType = Command['type']

// --- what a server says ---

export type Durability = 'disk' | 'memory'

export interface ConnectReply {
  readonly session: string
  readonly version: number
  readonly user: User
  readonly server: { readonly name: string; readonly version: string }
  /** What an acknowledged publish has survived: a commit to disk, or only memory. */
  readonly durability: Durability
  /** Milliseconds since 1970 when the token ends; absent when it does not. */
  readonly expiresAt?: number
  readonly limits: ClientLimits
}

export interface RenewReply {
  readonly expiresAt?: number
}

export type JoinedChannel =
  | {
      readonly channel: string
      /** The log's end at this moment. Events after `since` up to here follow as ordinary events. */
      readonly position: Position
      /** True when nothing between `since` and the position is missing. False without `since`. */
      readonly recovered: boolean
      readonly gap?: Gap
      readonly presence?: PresenceState
      readonly latest?: readonly LatestValue[]
    }
  | { readonly channel: string; readonly error: Refusal }

export interface JoinReply {
  readonly channels: readonly JoinedChannel[]
}

export interface LeaveReply {
  readonly channels: readonly string[]
}

export interface PublishReply {
  /** Absent when the app kept nothing in the log. */
  readonly position?: Position
  /** True when this id was published before; the position is the first one's. */
  readonly duplicate?: true
  readonly durability: Durability
}

export interface RequestReply {
  readonly body: Json
}

export interface HistoryReply {
  readonly position: Position
  /** The oldest offset the log still has; `position.offset + 1` when it is empty. */
  readonly begin: number
  /** In order of offset. */
  readonly events: readonly LoggedEvent[]
  /** True when the log has more in the direction that was asked. */
  readonly more: boolean
}

/** A user in a channel, with the data that one of their sessions set there last. */
export interface PresenceUser extends User {
  readonly data?: Json
}

/**
 * Who is in a channel. Above the server's limit `users` is a sample, without data, and `count` still
 * exact.
 */
export interface PresenceState {
  readonly count: number
  readonly users: readonly PresenceUser[]
  readonly sampled: boolean
}

export interface LatestValue {
  readonly key: string
  readonly at: number
  readonly user: User
  readonly body: Json
}

/**
 * An event of the log. One that a later event erased keeps its place and nothing else: after
 * `'body' in event`, the body is there.
 */
export type LoggedEvent =
  | {
      readonly type: 'event'
      readonly channel: string
      readonly offset: number
      /** Server time of acceptance, milliseconds since 1970. For display: order is by offset. */
      readonly at: number
      readonly user: User
      /** The publisher's id. */
      readonly id?: string
      readonly body: Json
      readonly erased?: never
    }
  | {
      readonly type: 'event'
      readonly channel: string
      readonly offset: number
      readonly erased: true
      readonly at?: never
      readonly user?: never
      readonly id?: never
    }

export interface SignalEvent {
  readonly type: 'signal'
  readonly channel: string
  readonly user: User
  readonly body: Json
}

export interface LatestEvent extends LatestValue {
  readonly type: 'latest'
  readonly channel: string
}

/** Who came and went since the last such message. With `users`, the whole state anew. */
export interface PresenceEvent {
  readonly type: 'presence'
  readonly channel: string
  readonly count: number
  readonly joined?: readonly PresenceUser[]
  readonly left?: readonly string[]
  /** Above the limit: a sample that replaces what was known. */
  readonly users?: readonly PresenceUser[]
  readonly sampled?: boolean
}

/** Events that a live session will never get, because retention was faster than it read. */
export interface GapEvent {
  readonly type: 'gap'
  readonly channel: string
  readonly gap: Gap
}

/** The session lost the channel (its right ended); the reason says why. */
export interface LeftEvent {
  readonly type: 'left'
  readonly channel: string
  readonly error: Refusal
}

/** The token ends soon: send `renew`. */
export interface ExpiringEvent {
  readonly type: 'expiring'
  readonly expiresAt: number
  /** The same as a time from now, in milliseconds: for a client whose clock is wrong. */
  readonly endsInMs?: number
}

/** The server goes away: connect again `afterMs` from now; it closes this session later by itself. */
export interface DrainEvent {
  readonly type: 'drain'
  readonly afterMs: number
  readonly reason: CloseReason
}

export interface PingEvent {
  readonly type: 'ping'
}

export type Reply =
  | { readonly type: 'reply'; readonly ref: number; readonly ok: Json | object }
  | { readonly type: 'reply'; readonly ref: number; readonly error: Refusal }

export type ServerMessage =
  | Reply
  | LoggedEvent
  | SignalEvent
  | LatestEvent
  | PresenceEvent
  | GapEvent
  | LeftEvent
  | ExpiringEvent
  | DrainEvent
  | PingEvent
  | { readonly type: 'error'; readonly error: Refusal }
