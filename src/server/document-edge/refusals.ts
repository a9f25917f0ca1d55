import { createDecoder, readVarUint } from 'lib0/decoding'
import type { DocumentFault } from '../link/document-messages.ts'
import type { Place } from './document-socket.ts'
import { isPermanent, refusalText } from './ending.ts'
import { body } from './frames.ts'
import type { PlaceActs } from './place-acts.ts'
import { RefusalMemory } from './refusal-memory.ts'

/** An offset that no log reaches: a page after it is empty and tells the state vector. */
export const headAfter = Number.MAX_SAFE_INTEGER

const never = Number.POSITIVE_INFINITY

type Sent = 'update' | 'step 2'

/**
 * What follows from a refused change. Its client has something that the document does not have, and
 * everything it sends from then on follows on that. It is told, its connection stays, and it goes
 * on reading. It is asked again for everything after a pause that grows: so a document that was
 * full takes the change as soon as there is room, or as soon as the person took it back, and no
 * client sends the same bytes round and round.
 */
export class Refusals {
  readonly #acts: PlaceActs
  readonly #memory = new RefusalMemory()

  constructor(acts: PlaceActs) {
    this.#acts = acts
  }

  /** A change was refused. `detail` says of this one what the text for everybody does not. */
  refused(place: Place, sent: Sent, fault: DocumentFault, detail?: string): void {
    const nowMs = this.#nowMs()
    const key = keyOf(place)
    const hasReturned = place.refusal !== undefined || this.#memory.known(key, nowMs) !== undefined
    const askAtMs = this.#memory.refused(key, fault, nowMs)
    // y-websocket 3.1 stays away when it is told so, and tells its page. Earlier ones come back at
    // once: these are kept.
    const isSentAway = place.address === undefined && !hasReturned && fault !== 'UNAVAILABLE'
    if (isSentAway) {
      return this.#acts.end(place, 'UPDATE_REFUSED', this.#textOf(fault))
    }
    const { asked = false, owed = 0 } = place.refusal ?? {}
    // The client does not count an answer to a question of ours.
    const counted = sent === 'step 2' && asked ? 0 : 1
    place.refusal = { fault, askAtMs, asked: false, owed: owed + counted }
    if (place.address !== undefined) this.#acts.say(place, body.hocuspocus.status(false))
    this.#tell(place, fault, detail)
    this.#acts.rearm(place.socket)
  }

  /** An update follows on a refused change. False where nothing of its client was refused. */
  follows(place: Place): boolean {
    const { refusal } = place
    if (refusal === undefined) return false
    refusal.owed += 1
    if (place.address !== undefined) this.#acts.say(place, body.hocuspocus.status(false))
    if (!refusal.asked && this.#nowMs() >= refusal.askAtMs) this.#ask(place)
    return true
  }

  /**
   * Everything that a client has was accepted. Gives how many of its messages are still to be
   * acknowledged.
   */
  accepted(place: Place): number {
    const owed = place.refusal?.owed ?? 0
    if (place.refusal !== undefined) this.#memory.forget(keyOf(place))
    place.refusal = undefined
    return owed
  }

  /**
   * Whether a client that has just come is not asked for what it has: it was refused a moment ago,
   * and still has something that the document does not. Both state vectors are encoded.
   */
  holdsBack(place: Place, ours: Uint8Array): boolean {
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

  /** When a place is to be asked again, without its client having said anything. */
  dueMs({ refusal }: Place): number {
    if (refusal === undefined || refusal.asked || isPermanent(refusal.fault)) return never
    return refusal.askAtMs
  }

  askAgain(place: Place, nowMs: number): void {
    if (place.state === 'open' && nowMs >= this.dueMs(place)) this.#ask(place)
  }

  #ask(place: Place): void {
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

  #tell(place: Place, code: DocumentFault, detail?: string): void {
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

/** What a Hocuspocus client is told of a refusal, as a stateless message. */
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

/**
 * Who is refused: a user, or where nobody knows who it is, an address; apart for the two families,
 * which are not sent away alike.
 */
function keyOf({ document, identity, socket }: Place): string {
  const isKnown = identity !== undefined && identity.anonymous !== true
  return `${socket.family}\0${document}\0${isKnown ? `user ${identity.user.id}` : `address ${socket.remote}`}`
}

/** Whether one state vector has something that the other has not. */
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
    // lib0 throws where bytes end early: the engine takes such a vector for that of somebody who
    // has nothing.
    return []
  }
}
