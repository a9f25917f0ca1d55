import type { Refusal } from '../protocol/errors.ts'
import type {
  Durability,
  HistoryReply,
  Json,
  LatestEvent,
  LatestValue,
  LoggedEvent,
  PresenceEvent,
  PresenceState,
  SignalEvent,
  User,
} from '../protocol/message.ts'
import type { Gap, Position } from '../protocol/position.ts'
import type { ChannelFault, ClientError } from './client-error.ts'
import type { Clock } from './clock.ts'
import type { Fault } from './connection.ts'
import type { DocumentSocketConstructor } from './document-socket.ts'
import type { Store } from './store/store.ts'
import type { WebSocketConstructor } from './web-socket.ts'

export type Token = string | undefined

export interface ConnectOptions {
  /** A function is asked for the first token, and again when a token was refused or ends. */
  readonly token?: string | (() => Token | Promise<Token>)
  /** Who this is, for servers with open auth. Absent: the server makes a guest, who stays the same over reconnects. */
  readonly user?: User
  /** What the server's log calls this program. */
  readonly client?: { readonly name: string; readonly version: string }
  /**
   * Keeps pending publishes and positions over a reload or restart, per user and server:
   * `indexedDbStore` of `rusher/client/indexeddb`, `fileStore` of `rusher/client/file`, or
   * `asyncStorageStore` of `rusher/client/async-storage`. Pass `user` too, also beside a token:
   * what is published before the server has said who this is, is kept under that id.
   */
  readonly store?: Store
  /** For runtimes without a global WebSocket, and for tests. */
  readonly webSocket?: WebSocketConstructor
  readonly clock?: Clock
  /** A number from 0 up to 1, as Math.random. */
  readonly random?: () => number
  /** Makes the ids of publishes; no two may be alike, also on other machines. Ids that begin with the time are cheaper for the server. */
  readonly makeId?: () => string
  /** Publishes that may wait for their acknowledgement. */
  readonly outboxMax?: number
  /**
   * Publishes of one channel that may be on their way at once. With 1, the default, publishes keep their order whatever is
   * refused; with more they are faster, and one that had to be sent again can come after a later one.
   */
  readonly inFlightMax?: number
  /** How long a command waits for its reply, in milliseconds. */
  readonly timeoutMs?: number
}

export interface ClientSnapshot {
  /**
   * `offline` waits until `retryAt`; `closed` is for good. A server that leaves a ping unanswered
   * for 1.5 seconds is not `online` but `connecting`, until it answers or is given up.
   */
  readonly state: 'connecting' | 'online' | 'offline' | 'closed'
  readonly user?: User
  /** What an acknowledgement of this server has survived. */
  readonly durability?: Durability
  /** When the next attempt starts, milliseconds since 1970. */
  readonly retryAt?: number
  /** Failures in a row. */
  readonly attempt: number
  /** Why the last session ended, until the next one is online. */
  readonly error?: Fault
  /** Publishes that are not acknowledged. */
  readonly pending: number
}

export interface Client {
  /** The same as `getSnapshot()`. */
  readonly status: ClientSnapshot
  /** Calls the listener after every change of the snapshot; the answer ends that. */
  readonly subscribe: (listener: () => void) => () => void
  /** The same object until something changes. */
  readonly getSnapshot: () => ClientSnapshot
  /**
   * Joins a channel. The same name gives the same channel until it is left. One whose name no server
   * takes, or whose `since` is not a position, is `refused` at once, and no other is affected.
   */
  channel<Body = Json>(name: string, options?: ChannelOptions): Channel<Body>
  /**
   * A WebSocket class over this connection, for a Hocuspocus provider: `new HocuspocusProviderWebsocket({ url, WebSocketPolyfill:
   * client.documentSocket })`. Documents and channels then share one connection, and who the client is.
   */
  readonly documentSocket: DocumentSocketConstructor
  /** Calls the listener when the store fails; the client goes on without. The answer ends that. */
  on(name: 'error', listener: (error: ClientError) => void): () => void
  /**
   * Ends the session for good and rejects what waits. With a store, what waits stays there, and is
   * sent by the next client of this user.
   */
  close(): void
  /**
   * Closes the connection and stops all timers, for phones whose app goes to the background. What
   * waits keeps waiting, also what is published meanwhile; the state is `offline`. A request that
   * was sent rejects with DISCONNECTED.
   */
  pause(): void
  /** Ends a pause and connects at once. */
  resume(): void
  /** Ends a wait between attempts; when online, asks at once whether the server is still there. */
  reconnectNow(): void
}

export interface ChannelOptions {
  /** Keep `presence` in the snapshot: who is here. */
  readonly presence?: boolean
  /** Keep `latest` in the snapshot: the newest value of each key. */
  readonly latest?: boolean
  /** Start after this position, kept from an earlier visit, instead of at the log's end. */
  readonly since?: Position
  /**
   * Without `since`: start after the position in the client's store, so that every event comes that
   * was missed. True if absent; without a store it means nothing.
   */
  readonly resume?: boolean
  /** Newest events that the snapshot holds, 1000 if absent. Pages that `loadOlder` brought are held on top. */
  readonly keepEvents?: number
}

export interface PublishOptions {
  /** Sending the same id twice stores one event. Made by the client if absent. */
  readonly id?: string
  /** Only if this is still the offset of the log's last event; rejects with CONFLICT otherwise. */
  readonly expect?: number
}

export interface PublishReceipt {
  readonly id: string
  /** Absent when the channel's app kept nothing in the log. */
  readonly position?: Position
  /** The id was published before; the position is the first one's. */
  readonly duplicate?: true
  readonly durability: Durability
}

/** An event of the log, with the body that this channel's app gives it. An erased one has only its place. */
export type ChannelEvent<Body = Json> =
  | (Omit<Extract<LoggedEvent, { readonly body: Json }>, 'body'> & { readonly body: Body })
  | Extract<LoggedEvent, { readonly erased: true }>

/** A publish of this client that is not among the events yet. */
export interface PendingPublish<Body = Json> {
  readonly id: string
  /** A copy, made at the call. */
  readonly body: Body
  /** `failed` waits for `retry` or `discard`. */
  readonly state: 'queued' | 'sent' | 'failed'
  readonly error?: ClientError
}

export interface ChannelSnapshot<Body = Json> {
  /** `recovering`: joined before, and what was missed meanwhile is not all here. */
  readonly state: 'joining' | 'joined' | 'recovering' | 'refused' | 'left'
  /** In order, with no hole, the newest last. */
  readonly events: readonly ChannelEvent<Body>[]
  readonly pending: readonly PendingPublish<Body>[]
  readonly presence?: PresenceState
  readonly latest: ReadonlyMap<string, LatestValue>
  /** After the last event seen. */
  readonly position?: Position
  /** The oldest offset that the server still has, as far as it was told. */
  readonly begin?: number
  /** `loadOlder` may bring more. */
  readonly hasOlder: boolean
  /** What was missed for good, last. */
  readonly gap?: Gap
  readonly error?: Refusal
}

/** What `Channel.on` can listen to. */
export interface ChannelEvents<Body = Json> {
  event: ChannelEvent<Body>
  signal: SignalEvent
  presence: PresenceEvent
  latest: LatestEvent
  /** Events that will never come: `trimmed` by retention, or the log is another one (`epoch`). */
  gap: Gap
  /** Everything that was missed while away has come. */
  recovered: { readonly position: Position; readonly missed: number }
  /** Something was refused: the channel, a signal or a publish, also if its promise is awaited. */
  error: ChannelFault
}

export interface Channel<Body = Json> {
  readonly name: string
  /** Calls the listener after changes of the snapshot, once for those of one moment; the answer ends that. */
  readonly subscribe: (listener: () => void) => () => void
  /** The same object until something changes. */
  readonly getSnapshot: () => ChannelSnapshot<Body>
  /** Calls the listener at each; the answer ends that. */
  on<Name extends keyof ChannelEvents>(
    name: Name,
    listener: (event: ChannelEvents<Body>[Name]) => void,
  ): () => void
  /**
   * Puts an event into the log. The body is taken as it is at the call. Resolves when it is
   * acknowledged, over however many reconnects that takes; rejects with a ClientError when it is
   * refused, at the call where possible. An ignored promise causes no unhandled rejection: a failure
   * is also an `error` event, and stays in `pending` as `failed`. Two are not kept: CONFLICT, which
   * would conflict again, and CLOSED, which is no event either.
   */
  publish(body: Body, options?: PublishOptions): Promise<PublishReceipt>
  /**
   * Sends to those who are present. It is not stored, and dropped when offline; a refusal is an
   * `error` event.
   */
  signal(body: Json): void
  /**
   * Asks the channel's app. The body is taken as it is at the call, and one that the server would
   * refuse rejects there. Never sent twice: DISCONNECTED leaves open whether it took effect.
   */
  request(body: Json): Promise<Json>
  /**
   * A page of the log; the snapshot stays as it is. Rejects with BAD_COMMAND when no page can be asked
   * for like this.
   */
  history(page?: {
    readonly before?: number
    readonly after?: number
    readonly limit?: number
  }): Promise<HistoryReply>
  /** Puts the page before the oldest event held into the snapshot. Resolves to whether there is more. */
  loadOlder(limit?: number): Promise<boolean>
  /** Asks who is here, once. */
  presence(): Promise<PresenceState>
  /**
   * Sets the data that others see of this user in the channel's presence; null removes it. It is
   * taken by value, waits for the channel to be joined, and is set again after each reconnect. Rejects
   * with a ClientError when it is refused, and with DISCONNECTED when the connection was lost before
   * the reply. An ignored promise causes no unhandled rejection.
   */
  track(data: Json): Promise<void>
  /** Sends a failed publish again, with its id. */
  retry(id: string): void
  /** Forgets a publish that failed or was not sent yet. */
  discard(id: string): void
  /** Leaves. Publishes that wait are still sent. */
  leave(): void
}
