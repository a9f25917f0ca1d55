/**
 * The door `rusher/client`: channels over one WebSocket, for browsers, React Native and Node.
 *
 *     const client = connect('http://127.0.0.1:8080', { user: { id: 'ada' } })
 *     const lobby = client.channel('chat:lobby', { presence: true })
 *     lobby.on('event', (event) => {
 *       if ('body' in event) console.log(event.user.id, event.body)
 *     })
 *     await lobby.publish({ kind: 'say', text: 'hello' })
 *
 * A channel's `subscribe` and `getSnapshot` are made for React's `useSyncExternalStore`.
 *
 * @module
 */

export type { Refusal } from '../protocol/errors.ts'
export type {
  Durability,
  HistoryReply,
  Json,
  LatestValue,
  LoggedEvent,
  PresenceState,
  PresenceUser,
  SignalEvent,
  User,
} from '../protocol/message.ts'
export type { Gap, Position } from '../protocol/position.ts'
export type {
  Channel,
  ChannelEvent,
  ChannelEvents,
  ChannelOptions,
  ChannelSnapshot,
  Client,
  ClientSnapshot,
  ConnectOptions,
  PendingPublish,
  PublishOptions,
  PublishReceipt,
} from './client.ts'
export { type ChannelFault, ClientError, type ClientErrorCode } from './client-error.ts'
export type { Clock } from './clock.ts'
export { connect } from './connect.ts'
export type { DocumentSocket, DocumentSocketConstructor } from './document-socket.ts'
export type {
  AttachedStore,
  ClearOptions,
  Store,
  StoreClient,
  StoredPublish,
} from './store/store.ts'
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'
