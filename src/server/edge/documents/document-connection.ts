import type { ClientRequest, Identity } from '../../auth/auth.ts'
import type { EditorSchema } from '../../core/yjs/document-engine.ts'
import type { ClientMessage } from '../../dialects/yjs/frames.ts'
import type { Cursor, DocumentFault, PresenceEntry } from '../../link/document-messages.ts'
import type { Transport } from '../../transport/transport.ts'
import type { BackpressureState } from '../connection/backpressure.ts'
import type { Wakeable } from '../connection/timing-wheel.ts'

/** What the URL of a connection says. */
export interface ConnectionParams {
  /** The document, where the path names one. */
  readonly document: string | undefined
  readonly token: string | undefined
  /** Who it says it is; only an open server takes its word. */
  readonly user: { readonly id: string; readonly name?: string } | undefined
  readonly vocabulary: EditorSchema | undefined
  /**
   * The upgrade: each document of the connection is authenticated on its own. Absent where no auth
   * reads it, and on the connection of a session.
   */
  readonly request?: ClientRequest | undefined
  /** Who the session is, on whose connection this is; absent where the connection is for documents only. */
  readonly session: (() => Identity | undefined) | undefined
}

/** A large message, while it comes in and until its memory is free again. */
export interface LargeFrame {
  /** Bytes that were announced, that have arrived, and that are reserved. */
  wanted: number
  received: number
  held: number
  /** Whose share they count towards; undefined until the sender is known. */
  key: string | undefined
  /** Nothing is read from its connection while it waits. */
  waitsFor: 'nothing' | 'sender' | 'room'
  /** When the window began over which its pace is measured, or when it began to wait. */
  markMs: number
  markBytes: number
  /** Bytes that came in during the last whole window; infinite before there was one. */
  paceBytes: number
  /** Windows in a row in which next to nothing came in. */
  stalledWindows: number
}

/** One connection of a Yjs client. As with a session, what acts on it are the functions beside this file. */
export interface DocumentConnection extends Wakeable<DocumentConnection>, BackpressureState {
  readonly id: number
  readonly transport: Transport
  readonly entry: ConnectionParams
  /** The remote address; '' when unknown. */
  readonly remote: string
  state: 'open' | 'closed'
  /** Found out from its first frame, and then for good: later frames of the two look alike. */
  family: 'unknown' | 'y-websocket' | 'hocuspocus'
  /** By the address that its frames carry; '' for y-websocket. */
  readonly places: Map<string, DocumentSubscription>
  out: Uint8Array[] | undefined
  /** Updates taken from it that wait for their commit, and their bytes. */
  unsaved: number
  unsavedBytes: number
  /** Nothing is read from it before some of these are on disk. */
  full: boolean
  /** The buffer of early messages is full: reading pauses until a document is open. */
  earlyFull: boolean
  /** The large message that comes in now. Only `LargeFrames` changes it. */
  large: LargeFrame | undefined
  /**
   * The large message that is being handled. A handler that keeps the message takes over its
   * reserved memory.
   */
  inHand: LargeFrame | undefined
  heardMs: number
  /** When something was last sent: its client's watchdog looks for that. */
  spokenMs: number
  /** When a ping went out that was not answered; 0 otherwise. */
  pingedMs: number
  /** When it must have opened a document. */
  openByMs: number
  /** Rate limit of stateless messages: see `rate-limit.ts`. */
  statelessFullMs: number
  /** When its rights were last looked at. */
  checkedMs: number
  /** When it must be gone, while the server drains; 0 otherwise. */
  endMs: number
}

/**
 * A message that came before its document was open, and the memory reserved for it where it is
 * large.
 */
export interface EarlyMessage {
  readonly message: ClientMessage
  readonly inHand: LargeFrame | undefined
}

/** State after a rejected change: the client has content that the document does not have. */
export interface SubscriptionRefusal {
  readonly fault: DocumentFault
  /** Time of the next full sync request to the client, in milliseconds. */
  askAtMs: number
  /** Whether a full sync was requested and not answered yet. */
  asked: boolean
  /** Messages whose acknowledgement waits until everything is accepted. */
  owed: number
}

/** A connection's place in one document. */
export interface DocumentSubscription {
  readonly socket: DocumentConnection
  /** What its frames begin with; undefined for y-websocket. */
  readonly address: string | undefined
  readonly document: string
  /** Tells it apart from all other places on this edge. */
  readonly member: number
  state: 'admitting' | 'opening' | 'open' | 'ended'
  identity: Identity | undefined
  /** It showed a token of its own, which ends by itself; otherwise its session's counts. */
  ownToken: boolean
  mayWrite: boolean
  /** Whether the core knows of it. */
  joined: boolean
  /** What came before it was open. */
  early: EarlyMessage[] | undefined
  earlyBytes: number
  /** Whether a fresh token was requested before this one expires. */
  warned: boolean
  warnBeforeMs: number

  /** Whether it gets updates as they are committed, or is still reading what came before. */
  follows: 'nothing' | 'reading' | 'live'
  cursor: Cursor
  /** What it had when it asked for the rest. */
  stateVector: Uint8Array | undefined
  /** Its SyncStep1 is still to be answered with ours, and with a SyncStep2. */
  owesStep1: boolean
  owesStep2: boolean
  /** It was asked for what others sent under its user's client ids: once is enough. */
  askedOwn: boolean
  /** Counts what it asked for, so that an answer to an earlier question is known. */
  syncNo: number
  /** A page is to be read once its pipe has drained. */
  waits: boolean
  /** It was told where everybody is. Before that, whatever it says of a client is about itself. */
  shown: boolean
  /** The latest that others said of themselves while its pipe was full, by client id. */
  missed: Map<number, PresenceEntry> | undefined

  /** Updates that followed on something that is not there; the sync that was asked for covers them. */
  gaps: number
  /** Undefined unless a change was rejected and has not been accepted since. */
  refusal: SubscriptionRefusal | undefined
  /** The client id that it speaks for: the one it announced first. */
  client: number | undefined
  /** When it may say something of itself again, and what it said too early. */
  awarenessFullMs: number
  held: { readonly client: number; readonly clock: number; readonly state: string } | undefined
}

/**
 * The user to ask for content that others sent under the user's client ids. Undefined if no
 * SyncStep1 follows, if the user was asked before, and for readers.
 */
export function userToAsk(place: DocumentSubscription): { readonly user?: string } {
  const { owesStep1, askedOwn, mayWrite, identity } = place
  if (!owesStep1 || askedOwn || !mayWrite) return {}
  return identity === undefined || identity.anonymous === true ? {} : { user: identity.user.id }
}

/** Whether the socket may be read. */
export function mayRead(socket: DocumentConnection): boolean {
  return (
    !socket.congested &&
    !socket.full &&
    !socket.earlyFull &&
    (socket.large === undefined || socket.large.waitsFor === 'nothing')
  )
}

/** Resumes or pauses reading; while paused, TCP backpressure holds data at the client. */
export function settleReading(socket: DocumentConnection): void {
  if (socket.state === 'closed') return
  if (mayRead(socket)) socket.transport.resume()
  else socket.transport.pause()
}

export const beginning: Cursor = { opening: 0, part: 0, after: 0 }

export function createDocumentConnection(
  id: number,
  transport: Transport,
  entry: ConnectionParams,
  nowMs: number,
  remote = '',
): DocumentConnection {
  return {
    id,
    transport,
    entry,
    remote,
    wakeSlot: -1,
    wakeNext: undefined,
    wakePrevious: undefined,
    state: 'open',
    family: 'unknown',
    places: new Map(),
    out: undefined,
    unsaved: 0,
    unsavedBytes: 0,
    full: false,
    earlyFull: false,
    large: undefined,
    inHand: undefined,
    congested: false,
    sentBytes: 0,
    progressMs: 0,
    heardMs: nowMs,
    spokenMs: nowMs,
    pingedMs: 0,
    openByMs: 0,
    statelessFullMs: 0,
    checkedMs: nowMs,
    endMs: 0,
  }
}

export function createDocumentSubscription(
  socket: DocumentConnection,
  address: string | undefined,
  document: string,
  member: number,
): DocumentSubscription {
  return {
    socket,
    address,
    document,
    member,
    state: 'admitting',
    identity: undefined,
    ownToken: false,
    mayWrite: false,
    joined: false,
    early: undefined,
    earlyBytes: 0,
    warned: false,
    warnBeforeMs: 0,
    follows: 'nothing',
    cursor: beginning,
    stateVector: undefined,
    owesStep1: false,
    owesStep2: false,
    askedOwn: false,
    syncNo: 0,
    waits: false,
    shown: false,
    missed: undefined,
    gaps: 0,
    refusal: undefined,
    client: undefined,
    awarenessFullMs: 0,
    held: undefined,
  }
}
