import { type ClientLimits, defaultClientLimits } from './client-limits.ts'

/**
 * Every bound on what a peer can make grow, with its default. A server may set other values; the ones a client
 * must know are in the reply to `connect`.
 */
export interface Limits extends ClientLimits {
  /** Largest frame a client may send, in bytes of UTF-8. */
  readonly frameBytesMax: number
  /** Largest frame before the session is admitted, in bytes. */
  readonly connectFrameBytesMax: number
  /** Commands in one frame. */
  readonly frameCommandsMax: number
  /** Nesting of JSON objects and arrays in a command. */
  readonly jsonDepthMax: number
  /** Time from the upgrade to an accepted `connect`, in milliseconds. Traffic does not extend it. */
  readonly connectMs: number
  /** Silence after which the server sends a ping, in milliseconds. */
  readonly pingMs: number
  /** Time for an answer to that ping, in milliseconds; then the session is closed. */
  readonly pongMs: number
  /** Channels one session may be in. */
  readonly sessionChannelsMax: number
  /** Channels named in one `join` or `leave`. */
  readonly joinChannelsMax: number
  /** Events in one page of history. */
  readonly historyEventsMax: number
  /** Length of a client-made publish id, in characters. */
  readonly idCharsMax: number
  /** Serialized body of a publish, signal or request, in bytes of UTF-8. */
  readonly bodyBytesMax: number
  /** Serialized presence data of a user in a channel, in bytes of UTF-8. */
  readonly presenceDataBytesMax: number
  /** Commands a session may send a second, on average. */
  readonly commandsPerSecond: number
  /** Commands a session may send at once before the average counts. */
  readonly commandsBurst: number
  /** Publishes, signals, requests and tracks a session may send a second, on average. */
  readonly publishesPerSecond: number
  /** Publishes, signals, requests and tracks a session may send at once before the average counts. */
  readonly publishesBurst: number
  /** Commands in a row beyond the rate before the session is closed. */
  readonly rateRefusalsMax: number
  /** Commands of one session that may be waiting for their reply. */
  readonly sessionPendingMax: number
  /** Bytes waiting in a session's socket above which its events wait in the log instead. */
  readonly outboxSoftBytes: number
  /** Bytes waiting in a session's socket above which it is closed. */
  readonly outboxHardBytes: number
  /** Time a session may make no progress while bytes wait for it, in milliseconds. */
  readonly stalledMs: number
  /** Commands that may wait in one channel's mailbox. */
  readonly mailboxMax: number
  /** Publishes that may wait for a commit, over all channels. */
  readonly appendQueueMax: number
  /** Sessions one process holds. */
  readonly sessionsMax: number
  /** Connections that one process upgrades a second on average, and at once; for what stands behind, such as an identity provider. */
  readonly upgradesPerSecond: number
  readonly upgradesBurst: number
  /** Connections of one process that are upgraded and whose token, or whose first channels, are still being looked up. */
  readonly handshakesMax: number
  /**
   * How long new connections may wait, to be heard or for their token and first channels, before the next are refused; in
   * milliseconds.
   */
  readonly acceptLateMs: number
  /** Largest document, encoded as one update without deleted content, in bytes. */
  readonly documentBytesMax: number
  /** Largest frame of a document client and largest HTTP body, in bytes. */
  readonly documentFrameBytesMax: number
  /** Bytes of large document frames in flight in one process, until their updates are answered. */
  readonly documentInFlightBytesMax: number
  /** Bytes of a document's history. Older edits are merged into one version. */
  readonly documentHistoryBytesMax: number
  /** Structs, and deleted ranges, in one update of a document. */
  readonly updateStructsMax: number
  /** Subdocuments in one document. */
  readonly documentSubdocumentsMax: number
  /** Documents open on one connection. */
  readonly socketDocumentsMax: number
  /** Frames, and their bytes, that wait on one connection while it is found out who it is. */
  readonly earlyFramesMax: number
  readonly earlyBytesMax: number
  /** Updates of one connection that wait for their commit before nothing more is read from it. */
  readonly socketUnsavedMax: number
  /** Bytes of these updates, likewise. */
  readonly socketUnsavedBytesMax: number
  /** What a client says of itself in a document (its name, colour and cursor), in bytes of JSON. */
  readonly awarenessBytesMax: number
  /** How often it may say so a second, on average. The last word is told in any case. */
  readonly awarenessPerSecond: number
  /** Bytes of it that are forwarded per second, on average; likewise. */
  readonly awarenessBytesPerSecond: number
  /** Presence states of all clients of a document, in bytes. States of up to 2 KiB always fit. */
  readonly documentAwarenessBytesMax: number
  /** Nesting of the JSON of a document over HTTP. */
  readonly documentJsonDepthMax: number
  /** Values in the JSON of a document over HTTP. */
  readonly documentJsonNodesMax: number
  /** Request line and headers of one HTTP request or upgrade, in bytes. */
  readonly httpHeaderBytesMax: number
  /** Time from the first byte of a request to the end of its headers, in milliseconds. */
  readonly httpHeadersMs: number
  /** Time from the first byte of a request to the end of its body, in milliseconds. */
  readonly httpRequestMs: number
  /** How long an idle HTTP connection is kept, in milliseconds: longer than proxies keep theirs. */
  readonly httpKeepAliveMs: number
  /** Bytes of request bodies in memory per process, not counting the first 16 KiB of each. */
  readonly httpBodiesBytesMax: number
  /** Bodies of requests that one process receives at once. */
  readonly httpBodiesMax: number
  /** The same for one user; on an open server, for one address. */
  readonly httpUserBodiesMax: number
  /**
   * How long a body may stall, in milliseconds. After that time its average rate must be at least
   * 1 KiB/s.
   */
  readonly httpBodyStalledMs: number
  /** Requests about documents that one process answers at once. */
  readonly httpDocumentRequestsMax: number
  /** The same for one user; on an open server, for one address. */
  readonly httpUserRequestsMax: number
  /** Average document requests per second for one user; on an open server, for one address. */
  readonly httpRequestsPerSecond: number
  /** Burst of such requests above the average. */
  readonly httpRequestsBurst: number
  /** Text of one stateless message of a document, in bytes of UTF-8, either way. */
  readonly statelessBytesMax: number
  /** Stateless messages that one connection may send a second, on average. */
  readonly statelessPerSecond: number
  /** Burst of such messages above the average. */
  readonly statelessBurst: number
  /** Updates of a document that may be queued for one slow follower in the server process. */
  readonly followUpdatesMax: number
  /** Bytes of these updates. */
  readonly followBytesMax: number
}

const mebibyte = 1024 * 1024

/** Limits that are derived from `documentBytesMax`. */
export type DocumentLimits = Pick<
  Limits,
  | 'documentBytesMax'
  | 'documentFrameBytesMax'
  | 'documentInFlightBytesMax'
  | 'documentHistoryBytesMax'
  | 'updateStructsMax'
  | 'httpBodiesBytesMax'
>

/**
 * Derives the document limits from the largest document. A frame can carry a whole document with
 * deleted content. A slightly larger one is still read, so that its sender gets a refusal.
 */
export function documentLimitsOf(documentBytesMax: number): DocumentLimits {
  const documentFrameBytesMax = 2 * documentBytesMax + 128 * 1024
  return {
    documentBytesMax,
    documentFrameBytesMax,
    documentInFlightBytesMax: 4 * documentFrameBytesMax,
    documentHistoryBytesMax: 10 * documentBytesMax,
    // The shortest struct of typed text takes 8 bytes.
    updateStructsMax: Math.ceil(documentBytesMax / 8),
    // One user may hold half, and the largest body must fit in that.
    httpBodiesBytesMax: Math.max(32 * mebibyte, 2 * documentFrameBytesMax),
  }
}

const { httpBodiesBytesMax, ...documentDefaults } = documentLimitsOf(10 * mebibyte)

export const defaultLimits: Limits = {
  ...defaultClientLimits,
  connectFrameBytesMax: 8 * 1024,
  connectMs: 5_000,
  commandsPerSecond: 50,
  commandsBurst: 200,
  publishesPerSecond: 10,
  publishesBurst: 30,
  rateRefusalsMax: 200,
  sessionPendingMax: 256,
  outboxSoftBytes: 64 * 1024,
  outboxHardBytes: 1024 * 1024,
  stalledMs: 30_000,
  mailboxMax: 4_096,
  appendQueueMax: 16_384,
  sessionsMax: 100_000,
  upgradesPerSecond: 5_000,
  upgradesBurst: 10_000,
  handshakesMax: 1_000,
  acceptLateMs: 2_000,
  ...documentDefaults,
  documentSubdocumentsMax: 10_000,
  socketDocumentsMax: 100,
  earlyFramesMax: 64,
  earlyBytesMax: 256 * 1024,
  socketUnsavedMax: 64,
  socketUnsavedBytesMax: 8 * 1024 * 1024,
  awarenessBytesMax: 64 * 1024,
  awarenessPerSecond: 20,
  awarenessBytesPerSecond: 64 * 1024,
  documentAwarenessBytesMax: 2 * 1024 * 1024,
  documentJsonDepthMax: 256,
  documentJsonNodesMax: 1_000_000,
  httpHeaderBytesMax: 32 * 1024,
  httpHeadersMs: 10_000,
  httpRequestMs: 30_000,
  httpKeepAliveMs: 75_000,
  httpBodiesBytesMax,
  httpBodiesMax: 1_024,
  httpUserBodiesMax: 64,
  httpBodyStalledMs: 5_000,
  httpDocumentRequestsMax: 128,
  httpUserRequestsMax: 96,
  httpRequestsPerSecond: 50,
  httpRequestsBurst: 200,
  statelessBytesMax: 64 * 1024,
  statelessPerSecond: 10,
  statelessBurst: 30,
  followUpdatesMax: 1_000,
  followBytesMax: 8 * 1024 * 1024,
}
