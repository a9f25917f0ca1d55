import { createDecoder, readVarUint } from 'lib0/decoding'
import { body } from '../../dialects/yjs/frames.ts'
import type { DocumentFault } from '../../link/document-messages.ts'
import {
  closeReasonText,
  type DocumentCloseReason,
  isPermanent,
  refusalText,
} from './close-reasons.ts'
import type { DocumentSubscription } from './document-connection.ts'
import { RefusalMemory } from './refusal-memory.ts'
import type { SubscriptionActions } from './subscription-context.ts'

/** An offset past the end of any log: a page after it is empty and carries the state vector. */
export const headAfter = Number.MAX_SAFE_INTEGER

const never = Number.POSITIVE_INFINITY

type Sent = 'update' | 'step 2'

/**
 * Handles refused changes. After one, the client has content that the document does not have, and
 * its later updates depend on it. The client is notified, stays connected and keeps reading. The
 * server requests a full sync again after a growing backoff. So a full document accepts the change
 * once there is room or the user undid it, and no client sends the same bytes in a loop.
 */
export class Refusals {
  readonly #acts: SubscriptionActions
  readonly #memory = new RefusalMemory()

  constructor(acts: SubscriptionActions) {
    this.#acts = acts
  }

  /** Handles a refused change. `detail` replaces the general text of the fault. */
  refused(place: DocumentSubscription, sent: Sent, fault: DocumentFault, detail?: string): void {
    const nowMs = this.#nowMs()
    const key = keyOf(place)
    const hasReturned = place.refusal !== undefined || this.#memory.known(key, nowMs) !== undefined
    const askAtMs = this.#memory.refused(key, fault, nowMs)
    // y-websocket 3.1 stays disconnected after this close code and informs its page. Earlier
    // versions reconnect at once, so these are kept connected.
    const isSentAway = place.address === undefined && !hasReturned && fault !== 'UNAVAILABLE'
    if (isSentAway) {
      return this.#acts.end(place, 'UPDATE_REFUSED', this.#textOf(fault))
    }
    const { asked = false, owed = 0 } = place.refusal ?? {}
    // The client expects no acknowledgement for its answer to our sync request.
    const counted = sent === 'step 2' && asked ? 0 : 1
    place.refusal = { fault, askAtMs, asked: false, owed: owed + counted }
    if (place.address !== undefined) this.#acts.say(place, body.hocuspocus.status(false))
    this.#tell(place, fault, detail)
    this.#acts.rearm(place.socket)
  }

  /**
   * Handles an update that depends on a refused change; false if the client has no refused change.
   */
  follows(place: DocumentSubscription): boolean {
    const { refusal } = place
    if (refusal === undefined) return false
    refusal.owed += 1
    if (place.address !== undefined) this.#acts.say(place, body.hocuspocus.status(false))
    if (!refusal.asked && this.#nowMs() >= refusal.askAtMs) this.#ask(place)
    return true
  }

  /**
   * Everything that the client has was accepted. Returns the number of its messages that are still
   * to be acknowledged.
   */
  accepted(place: DocumentSubscription): number {
    const owed = place.refusal?.owed ?? 0
    if (place.refusal !== undefined) this.#memory.forget(keyOf(place))
    place.refusal = undefined
    return owed
  }

  /**
   * Whether to skip the sync request to a new client: a change of it was refused recently, and it
   * still has content that the document does not have. `ours` is an encoded state vector.
   */
  holdsBack(place: DocumentSubscription, ours: Uint8Array): boolean {
    const nowMs = this.#nowMs()
    const known = this.#memory.known(keyOf(place), nowMs)
    if (known === undefined || known.untilMs <= nowMs) return false
    if (place.stateVector === undefined || !isAhead(place.stateVector, ours)) return false
    const { fault, untilMs } = known
    place.refusal = { fault, askAtMs: untilMs, asked: false, owed: 1 }
    this.#tell(place, fault)
    this.#acts.rearm(place.socket)
    return true
  }

  /** Time of the next sync request to the client, in milliseconds. */
  dueMs({ refusal }: DocumentSubscription): number {
    if (refusal === undefined || refusal.asked || isPermanent(refusal.fault)) return never
    return refusal.askAtMs
  }

  askAgain(place: DocumentSubscription, nowMs: number): void {
    if (place.state === 'open' && nowMs >= this.dueMs(place)) this.#ask(place)
  }

  #ask(place: DocumentSubscription): void {
    const { refusal } = place
    if (refusal === undefined) return
    refusal.asked = true
    const cursor = { opening: 0, part: 0, after: headAfter }
    this.#acts.ask({ kind: 'page', document: place.document, cursor }, (answer) => {
      if (place.state !== 'open') return
      if (answer.kind === 'page') this.#acts.say(place, body.step1(answer.stateVector))
      else refusal.asked = false
    })
  }

  #tell(place: DocumentSubscription, code: DocumentFault, detail?: string): void {
    const message = this.#textOf(code)
    if (place.address === undefined) return this.#acts.say(place, body.denied(message))
    this.#acts.say(place, noticeOf(code, message, this.#acts.options.limits, detail))
  }

  #textOf(fault: DocumentFault): string {
    return refusalText(fault, this.#acts.options.limits)
  }

  #nowMs(): number {
    return this.#acts.options.clock.monotonicMs()
  }
}

/** The stateless message that notifies a Hocuspocus client of a refusal. */
export function noticeOf(
  code: DocumentFault,
  message: string,
  { documentBytesMax }: { readonly documentBytesMax: number },
  detail?: string,
): Uint8Array {
  return body.hocuspocus.stateless(
    JSON.stringify({
      kind: 'refused',
      code,
      message,
      permanent: isPermanent(code),
      ...(code === 'DOCUMENT_FULL' ? { limit: documentBytesMax } : {}),
      ...(detail === undefined ? {} : { detail }),
    }),
  )
}

/** Why a document is closed, for a Hocuspocus client: PermissionDenied has no code. */
export function closeReasonNotice(why: DocumentCloseReason): Uint8Array {
  const message = closeReasonText(why)
  return body.hocuspocus.stateless(
    JSON.stringify({ kind: 'refused', code: why, message, permanent: true }),
  )
}

/**
 * Key of a sender: the user, or the remote address on an open server. Separate for the two families
 * of clients, which are disconnected in different ways.
 */
function keyOf({ document, identity, socket }: DocumentSubscription): string {
  const isKnown = identity !== undefined && identity.anonymous !== true
  return `${socket.family}\0${document}\0${isKnown ? `user ${identity.user.id}` : `address ${socket.remote}`}`
}

/** Whether `theirs` covers structs that `ours` does not. */
function isAhead(theirs: Uint8Array, ours: Uint8Array): boolean {
  const known = new Map(entriesOf(ours))
  for (const [client, clock] of entriesOf(theirs)) if (clock > (known.get(client) ?? 0)) return true
  return false
}

function entriesOf(vector: Uint8Array): readonly (readonly [number, number])[] {
  try {
    const decoder = createDecoder(vector)
    const entries: [number, number][] = []
    for (let left = readVarUint(decoder); left > 0; left -= 1) {
      entries.push([readVarUint(decoder), readVarUint(decoder)])
    }
    return entries
  } catch {
    // lib0 throws on truncated bytes. The engine treats such a vector as empty too.
    return []
  }
}
