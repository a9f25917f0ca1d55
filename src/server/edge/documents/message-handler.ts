import { body, type ClientMessage, emptyUpdate } from '../../dialects/yjs/frames.ts'
import type { DocumentAnswer } from '../../link/document-messages.ts'
import type { ClientAwareness } from './client-awareness.ts'
import { faultTexts } from './close-reasons.ts'
import { type DocumentSubscription, settleReading } from './document-connection.ts'
import type { LargeFrames } from './large-frames.ts'
import type { DocumentOpener } from './open-document.ts'
import { headAfter, noticeOf, type Refusals } from './refusals.ts'
import { takeStateless } from './stateless.ts'
import type { SubscriptionActions } from './subscription-context.ts'

type Saved = Extract<DocumentAnswer, { kind: 'saved' | 'refused' }>
type Sent = Extract<ClientMessage, { kind: 'step 2' | 'update' }>

/** What a client in a document says, and what follows from it. */
export interface MessageHandler {
  receive(place: DocumentSubscription, message: ClientMessage): void
}

interface MessageHandlerContext {
  readonly presence: ClientAwareness
  readonly refusals: Refusals
  readonly large: LargeFrames
}

export function createMessageHandler(
  acts: SubscriptionActions,
  { presence, refusals, large }: MessageHandlerContext,
  entering: () => DocumentOpener,
): MessageHandler {
  const { options, hub } = acts
  const { limits } = options

  function update(place: DocumentSubscription, sent: Sent): void {
    const { socket, document, member } = place
    if (!place.mayWrite && sent.kind === 'update') return refuse(place, sent, 'READ_ONLY')
    // Most who come have nothing new, and say so: that need not be looked at.
    if (isEmpty(sent.update)) return saved(place, sent, { kind: 'saved', kept: 0 })
    const bytes = sent.update.length
    const held = socket.inHand
    socket.inHand = undefined
    socket.unsaved += 1
    socket.unsavedBytes += bytes
    const { vocabulary } = socket.entry
    acts.ask(
      {
        kind: 'update',
        document,
        member,
        // A view on the frame is copied, so that the frame can be freed. A large frame is little
        // else.
        update: held !== undefined ? sent.update : sent.update.slice(),
        write: place.mayWrite,
        ...(place.client === undefined ? {} : { client: place.client }),
        ...(vocabulary === undefined ? {} : { vocabulary }),
      },
      (answer) => {
        socket.unsaved -= 1
        socket.unsavedBytes -= bytes
        if (held !== undefined) large.done(held)
        giveRoom(place)
        if (place.state !== 'open') return
        if (answer.kind === 'refused' || answer.kind === 'saved') saved(place, sent, answer)
      },
    )
    giveRoom(place)
  }

  /** Reads on, or not: what a connection sends faster than it is saved waits in its own machine. */
  function giveRoom({ socket }: DocumentSubscription): void {
    const full =
      socket.unsaved >= limits.socketUnsavedMax ||
      socket.unsavedBytes >= limits.socketUnsavedBytesMax
    if (full === socket.full || socket.state === 'closed') return
    socket.full = full
    settleReading(socket)
  }

  function saved(place: DocumentSubscription, sent: Sent, answer: Saved): void {
    if (answer.kind === 'refused') return refuse(place, sent, answer.fault, answer.message)
    if (answer.kept > 0) notice(place, 'kept', keptText)
    if (answer.corrected !== undefined) notice(place, 'corrected', correctedText)
    // The updates it depends on were lost, were rejected, or are still at their author. After a
    // sync there is nothing more to request.
    const waits = answer.waits === true
    if (waits && sent.kind === 'update') {
      return refusals.follows(place) ? undefined : askForAll(place)
    }
    const owed = sent.kind === 'step 2' && !waits ? refusals.accepted(place) : 0
    if (place.address === undefined) return
    // A sync after a gap brings what was refused then, and each of these is counted by its client.
    const count = sent.kind === 'step 2' ? Math.max(1, place.gaps + owed) : 1
    if (sent.kind === 'step 2') place.gaps = 0
    for (let left = count; left > 0; left -= 1) acts.say(place, body.hocuspocus.status(true))
  }

  function refuse(
    place: DocumentSubscription,
    sent: Sent,
    fault: Extract<Saved, { kind: 'refused' }>['fault'],
    detail?: string,
  ): void {
    options.metrics.refused(fault)
    if (fault === 'DELETED') return acts.end(place, 'DELETED', faultTexts[fault])
    // Its next updates would continue what another client wrote under the same id.
    const isOver = fault === 'CLIENT_ID_TAKEN' && place.address !== undefined
    if (fault !== 'READ_ONLY' && !isOver) return refusals.refused(place, sent.kind, fault, detail)
    if (place.address !== undefined) acts.say(place, body.hocuspocus.status(false))
    else if (fault === 'READ_ONLY') acts.say(place, body.denied('read-only'))
    if (place.address !== undefined) acts.say(place, noticeOf(fault, faultTexts[fault], limits))
    if (isOver) acts.end(place, 'UPDATE_REFUSED', faultTexts[fault])
  }

  /** An honest client answers a SyncStep1 with everything that is missing, and so loses nothing. */
  function askForAll(place: DocumentSubscription): void {
    place.gaps += 1
    if (place.gaps > 1) {
      // One is under way. Who goes on with what nobody can follow is no honest client.
      if (place.gaps > gapsMax) acts.end(place, 'UPDATE_REFUSED', faultTexts.GAP)
      return
    }
    acts.ask(
      { kind: 'page', document: place.document, cursor: { opening: 0, part: 0, after: headAfter } },
      (answer) => {
        if (answer.kind !== 'page' || place.state !== 'open') return
        acts.say(place, body.step1(answer.stateVector))
      },
    )
  }

  function notice(place: DocumentSubscription, kind: 'kept' | 'corrected', message: string): void {
    if (place.address === undefined) return
    acts.say(place, body.hocuspocus.stateless(JSON.stringify({ kind, message })))
  }

  function receive(place: DocumentSubscription, message: ClientMessage): void {
    switch (message.kind) {
      case 'step 1':
        return hub.sync(place, message.stateVector.slice())
      case 'step 2':
      case 'update':
        return update(place, message)
      case 'awareness':
        return presence.receive(place, message.entries)
      case 'query awareness':
        return hub.showPresence(place)
      case 'token':
        return entering().renew(place, message.token)
      case 'close':
        return acts.leave(place)
      case 'stateless':
        return takeStateless(acts, place, message.text)
      case 'unknown':
        return
      default:
        return message satisfies never
    }
  }

  return { receive }
}

const keptText =
  'Parts of this document cannot be shown by this version of the editor. They were kept. Reload the page to get the newest version.'

const correctedText =
  'Unsafe parts of the change, such as a link that would run code, were removed. The text was saved.'

/** Gaps in a row before a sync was answered. A client that types on while it is asked makes some. */
const gapsMax = 256

function isEmpty(update: Uint8Array): boolean {
  return update.length === emptyUpdate.length && update[0] === 0 && update[1] === 0
}
