import type { Command } from '../../../protocol/index.ts'
import type { ClientRequest, Identity } from '../../auth/auth.ts'
import type { EditorSchema } from '../../core/yjs/document-engine.ts'
import type { Transport } from '../../transport/transport.ts'
import type { BackpressureState } from '../connection/backpressure.ts'
import type { Wakeable } from '../connection/timing-wheel.ts'
import type { DocumentConnection } from '../documents/document-connection.ts'
import type { Chunk } from './message-chunk.ts'
import type { SmallSet } from './small-set.ts'

/** A channel as one edge sees it: who follows it here, and how far its events have come. */
export interface HubChannel {
  readonly name: string
  /** Offset of the last event that this edge was given. */
  head: number
  /** Members that have every event up to the head. */
  readonly live: SmallSet<Session>
  /** Members that have not, with the last offset they have: they read on from the log. */
  lagging: Map<Session, number> | undefined
  /** Members that want presence, and members that want latest values. */
  watchers: SmallSet<Session> | undefined
  lookers: SmallSet<Session> | undefined
  /** Reads under way, by the offset they read after, with who waits for them. */
  reads: Map<number, Set<Session>> | undefined
}

/**
 * One connection, from its upgrade to its end, as plain state: what acts on it are the functions beside this file. An idle
 * session is this object, its pipe and a place in the wheel, and nothing else.
 */
export interface Session extends Wakeable<Session>, BackpressureState {
  readonly id: number
  /** `greeting` until the first command, `connecting` while the token is looked at. */
  state: 'greeting' | 'connecting' | 'open' | 'closed'
  identity: Identity | undefined
  /** The upgrade, until its `connect` is authenticated; undefined where no auth reads it. */
  request: ClientRequest | undefined
  /** Channels it has joined. */
  channels: readonly HubChannel[]
  /** Commands that wait for their reply. */
  pending: number
  /** Commands that wait for a permission that is being looked up; their order must not change. */
  waiting: Command[] | undefined
  /** What is sent at the end of this turn. */
  out: (Chunk | string)[] | undefined
  /** Nothing is sent yet, and nothing taken: what came with its connect is being looked at. */
  isHeld: boolean
  /** Channels whose presence and latest values it missed while it was congested. */
  stale: Set<HubChannel> | undefined
  /** When something was last heard; and when a ping went out that was not answered, else 0. */
  heardMs: number
  pingedMs: number
  /** When it must have connected; traffic does not move it. */
  connectByMs: number
  /** When `expiring` was said; 0 before. */
  warnedMs: number
  /** How long before its expiry a new token is requested, in milliseconds. */
  warnBeforeMs: number
  /** When its permissions were last checked, in milliseconds. */
  checkedMs: number
  /** When it must be gone, while the server drains; 0 otherwise. */
  endMs: number
  commandsFullMs: number
  publishesFullMs: number
  rateRefusals: number
  /** Its documents, where it has any open on this connection. */
  documents: DocumentConnection | undefined
  /** What its editor can show, as its URL says. */
  readonly vocabulary: EditorSchema | undefined
}

const noChannels: readonly HubChannel[] = []

export function createSession(
  id: number,
  transport: Transport,
  nowMs: number,
  vocabulary?: EditorSchema,
  request?: ClientRequest,
): Session {
  return {
    id,
    transport,
    wakeSlot: -1,
    wakeNext: undefined,
    wakePrevious: undefined,
    state: 'greeting',
    identity: undefined,
    request,
    channels: noChannels,
    pending: 0,
    waiting: undefined,
    out: undefined,
    isHeld: false,
    congested: false,
    stale: undefined,
    sentBytes: 0,
    progressMs: 0,
    heardMs: nowMs,
    pingedMs: 0,
    connectByMs: 0,
    warnedMs: 0,
    warnBeforeMs: 0,
    checkedMs: nowMs,
    endMs: 0,
    commandsFullMs: 0,
    publishesFullMs: 0,
    rateRefusals: 0,
    documents: undefined,
    vocabulary,
  }
}
