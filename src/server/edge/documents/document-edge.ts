import type { Identity } from '../../auth/auth.ts'
import type { ReadRequest } from '../../auth/client-request.ts'
import type { EditorSchema } from '../../core/yjs/document-engine.ts'
import {
  body,
  type ClientMessage,
  decodeAddressed,
  decodePlain,
  frameOf,
} from '../../dialects/yjs/frames.ts'
import type { DocumentAnswer, DocumentToEdge } from '../../link/document-messages.ts'
import { reportFault } from '../../runtime/containment.ts'
import type { Transport, TransportHandlers } from '../../transport/transport.ts'
import { createBackpressure } from '../connection/backpressure.ts'
import { type CallKind, documentAnswerOf } from '../connection/pending-requests.ts'
import { createClientAwareness } from './client-awareness.ts'
import { type DocumentCloseReason, documentCloseReasons, reasonOf } from './close-reasons.ts'
import { parseConnectionParams } from './connection-params.ts'
import { type ConnectionTimers, createConnectionTimers } from './connection-timers.ts'
import {
  createDocumentConnection,
  type DocumentConnection,
  type DocumentSubscription,
  type EarlyMessage,
  settleReading,
  userToAsk,
} from './document-connection.ts'
import { type DocumentEdgeOptions, documentTimes } from './document-edge-options.ts'
import { createDocumentHub } from './document-hub.ts'
import { createDocumentOutbox } from './document-outbox.ts'
import { createLargeFrameEnds } from './large-frame-ends.ts'
import { LargeFrames, largeFrameBounds } from './large-frames.ts'
import { createMessageHandler } from './message-handler.ts'
import { createDocumentOpener, type DocumentOpener } from './open-document.ts'
import { closeReasonNotice, Refusals } from './refusals.ts'
import type { Question, SubscriptionActions } from './subscription-context.ts'

/** The parts of an upgrade request that a document connection uses. */
export type DocumentUpgrade = Parameters<ReadRequest>[0]

/** The connections of Yjs clients on this edge, of both families, on one port. */
export interface DocumentEdge {
  readonly handlers: TransportHandlers<DocumentConnection>
  open(transport: Transport, request: DocumentUpgrade): DocumentConnection
  /** Documents on the connection of a session, which looks after the connection itself. */
  openWithin(
    transport: Transport,
    session: {
      readonly identity: () => Identity | undefined
      readonly vocabulary: EditorSchema | undefined
    },
  ): DocumentConnection
  /** Resumes reading from the connection of a session, unless one of its documents pauses it. */
  drained(socket: DocumentConnection): void
  /** Takes what the core sends about documents. */
  receive(message: DocumentToEdge): void
  readonly sockets: number
  /** Sends everybody away, spread over so many milliseconds; resolves when the last is gone. */
  drain(spreadMs: number): Promise<void>
  /** Cuts off whoever is left. Returns how many. */
  stop(): number
}

export function createDocumentEdge(options: DocumentEdgeOptions): DocumentEdge {
  const { limits, clock, metrics, core, calls } = options
  const sockets = new Set<DocumentConnection>()
  const within = new Set<DocumentConnection>()
  let made = 0
  let members = 0
  let emptied: (() => void) | undefined

  // One large update must not make a reader count as slow.
  const outboxHardBytes = Math.max(limits.outboxHardBytes, limits.documentFrameBytesMax)
  const congestion = createBackpressure<DocumentConnection>({ ...limits, outboxHardBytes }, clock, {
    slow: (socket) => close(socket, 'SLOW_READER'),
    drained(socket) {
      settleReading(socket)
      for (const place of socket.places.values()) hub.drained(place)
    },
  })
  const outbox = createDocumentOutbox(
    limits,
    metrics,
    clock.monotonicMs,
    congestion.add,
    (error, socket) => {
      reportFault(options, 'frame', error)
      socket.transport.terminate()
    },
  )
  const hub = createDocumentHub({
    offer: (place, frame) => outbox.offer(place.socket, frame),
    lagged: metrics.lagged,
    holdsBack: (place, ours) => refusals.holdsBack(place, ours),
    read(place, cursor, stateVector, give) {
      const has = stateVector === undefined ? {} : { stateVector }
      const { document } = place
      ask({ kind: 'page', document, cursor, ...has, ...userToAsk(place) }, (answer) => {
        if (answer.kind === 'refused' && answer.fault === 'DELETED') end(place, 'DELETED')
        else give(answer.kind === 'page' ? answer : undefined)
      })
    },
  })
  const acts: SubscriptionActions = {
    options,
    hub,
    admission: options.admission,
    say,
    tell: (message) => core.send({ kind: 'document', message }),
    ask,
    leave: (place) => forget(place, true),
    end,
    close,
    rearm: (socket) => lifetime.rearm(socket),
  }
  const presence = createClientAwareness(acts)
  const refusals = new Refusals(acts)
  const large = new LargeFrames({
    limits,
    bounds: largeFrameBounds,
    nowMs: clock.monotonicMs,
    ...createLargeFrameEnds(acts, refusals),
  })
  const receiving = createMessageHandler(acts, { presence, refusals, large }, () => entering)
  const entering: DocumentOpener = createDocumentOpener(
    acts,
    () => {
      members += 1
      return members
    },
    opened,
  )
  const lifetime: ConnectionTimers = createConnectionTimers(acts, entering, presence, refusals)
  const timers = [
    clock.every(documentTimes.wheelTickMs, lifetime.turn),
    congestion,
    clock.every(documentTimes.retryReadsEveryMs, hub.retry),
    clock.every(largeFrameBounds.turnMs, () => large.turn()),
  ]
  metrics.gauge({ documentSessions: () => sockets.size })

  function say(place: DocumentSubscription, bytes: Uint8Array): void {
    outbox.offer(place.socket, frameOf(place.address, bytes))
  }

  function ask(question: Question, take: (answer: DocumentAnswer) => void): void {
    const call = calls.open((answer) => take(documentAnswerOf(answer)), callKindOf(question))
    // The question is a message but for its number.
    core.send({ kind: 'document', message: { ...question, call } })
  }

  function frame(socket: DocumentConnection, bytes: Buffer, isText: boolean): void {
    if (socket.state === 'closed') return
    if (socket.large === undefined) return read(socket, bytes, isText)
    socket.inHand = large.taken(socket)
    try {
      read(socket, bytes, isText)
    } finally {
      giveBack(socket)
    }
  }

  /** Releases the reservation of a message, unless the message was kept and took it over. */
  function giveBack(socket: DocumentConnection): void {
    const left = socket.inHand
    socket.inHand = undefined
    if (left !== undefined) large.done(left)
  }

  function read(socket: DocumentConnection, bytes: Buffer, isText: boolean): void {
    heard(socket)
    if (isText) return close(socket, 'BAD_FRAME', 'documents are spoken of in binary frames only')
    const first = bytes[0]
    if (first === undefined) return close(socket, 'BAD_FRAME')
    if (socket.family === 'unknown') {
      // y-websocket opens with 00 00; an address is never empty.
      socket.family = first === 0 ? 'y-websocket' : 'hocuspocus'
      if (socket.family === 'y-websocket') entering.enter(socket, undefined, undefined)
    }
    if (socket.family === 'y-websocket') plain(socket, bytes)
    // A ping or a pong of a Hocuspocus client, alone in its frame.
    else if (bytes.length > 1) addressed(socket, bytes)
  }

  function plain(socket: DocumentConnection, bytes: Buffer): void {
    const message = decodePlain(bytes)
    if (message === undefined) return close(socket, 'BAD_FRAME')
    const place = socket.places.get('')
    if (place !== undefined) take(place, message, bytes.length)
  }

  function addressed(socket: DocumentConnection, bytes: Buffer): void {
    const decoded = decodeAddressed(bytes)
    if (decoded === undefined) return close(socket, 'BAD_FRAME')
    const { address, message } = decoded
    const place = socket.places.get(address)
    if (place !== undefined) return take(place, message, bytes.length)
    // A document begins with a token, also where nobody asks for one. What comes for one that was left is late.
    if (message.kind !== 'token') return
    if (socket.places.size >= limits.socketDocumentsMax) {
      const denied = body.hocuspocus.denied('too many documents on one connection')
      return outbox.offer(socket, frameOf(address, denied))
    }
    entering.enter(socket, address, message.token)
  }

  function take(place: DocumentSubscription, message: ClientMessage, bytes: number): void {
    if (place.state === 'open') return receiving.receive(place, message)
    if (place.state === 'ended' || message.kind === 'unknown') return
    if (message.kind === 'close') return forget(place, true)
    const { socket } = place
    place.early ??= []
    place.early.push({ message, inHand: socket.inHand })
    socket.inHand = undefined
    place.earlyBytes += bytes
    // An unauthenticated client must not fill the memory.
    const isMuch =
      place.early.length >= limits.earlyFramesMax || place.earlyBytes >= limits.earlyBytesMax
    if (!isMuch || socket.earlyFull) return
    socket.earlyFull = true
    settleReading(socket)
  }

  /** Processes the messages that arrived before the document was open. */
  function opened(place: DocumentSubscription): void {
    const { socket } = place
    large.admitted(socket)
    for (const { message, inHand } of takeEarly(place)) {
      socket.inHand = inHand
      receiving.receive(place, message)
      giveBack(socket)
    }
  }

  function takeEarly(place: DocumentSubscription): readonly EarlyMessage[] {
    const { early = [], socket } = place
    place.early = undefined
    place.earlyBytes = 0
    if (socket.earlyFull) {
      socket.earlyFull = false
      settleReading(socket)
    }
    return early
  }

  function heard(socket: DocumentConnection): void {
    socket.heardMs = clock.monotonicMs()
    socket.pingedMs = 0
  }

  /** Takes a place out of everything. */
  function forget(place: DocumentSubscription, atOnce: boolean): void {
    if (place.state === 'ended') return
    place.state = 'ended'
    const { socket, address, document, member } = place
    socket.places.delete(address ?? '')
    for (const { inHand } of takeEarly(place)) if (inHand !== undefined) large.done(inHand)
    hub.remove(place)
    large.admitted(socket)
    if (place.joined) acts.tell({ kind: 'leave', document, member, atOnce })
  }

  function end(place: DocumentSubscription, why: DocumentCloseReason, detail?: string): void {
    const { text } = documentCloseReasons[why]
    if (place.address === undefined) {
      say(place, body.denied(detail ?? text))
      return close(place.socket, why, detail)
    }
    if (why !== 'UPDATE_REFUSED') say(place, closeReasonNotice(why))
    // A Hocuspocus provider would come back for ever if its connection was closed.
    say(
      place,
      why === 'UPDATE_REFUSED'
        ? body.hocuspocus.close(detail ?? text)
        : body.hocuspocus.denied(detail ?? reasonOf(why)),
    )
    forget(place, false)
    lifetime.rearm(place.socket)
  }

  function close(socket: DocumentConnection, why: DocumentCloseReason, detail?: string): void {
    if (socket.state === 'closed') return
    outbox.flush(socket)
    const { code, text } = documentCloseReasons[why]
    gone(socket, why)
    socket.transport.close(code, (detail ?? text).slice(0, 120))
  }

  function gone(socket: DocumentConnection, reason: string): void {
    socket.state = 'closed'
    sockets.delete(socket)
    const isSession = within.delete(socket)
    lifetime.cancel(socket)
    congestion.remove(socket)
    large.gone(socket)
    for (const place of [...socket.places.values()]) forget(place, false)
    if (!isSession) metrics.closed(reason)
    if (sockets.size === 0) emptied?.()
  }

  return {
    handlers: {
      frame,
      failed: (_, error) => reportFault(options, 'frame', error),
      announced: (socket, bytes) => large.announced(socket, bytes),
      arrived: (socket, bytes) => large.arrived(socket, bytes),
      pong: heard,
      closed(socket, code) {
        if (socket.state === 'closed') return
        gone(socket, code < 3_000 ? `code ${code}` : 'code of the client')
      },
    },
    open(transport, request) {
      made += 1
      const entry = {
        ...parseConnectionParams(request, options.path),
        request: options.readRequest(request),
      }
      const remote = request.socket?.remoteAddress
      const socket = createDocumentConnection(made, transport, entry, clock.monotonicMs(), remote)
      sockets.add(socket)
      lifetime.greet(socket)
      metrics.opened()
      return socket
    },
    openWithin(transport, { identity, vocabulary }) {
      made += 1
      const user = identity()?.user
      const entry = { document: undefined, token: undefined, user, vocabulary, session: identity }
      const socket = createDocumentConnection(made, transport, entry, clock.monotonicMs())
      socket.family = 'hocuspocus'
      within.add(socket)
      lifetime.greet(socket)
      return socket
    },
    drained: settleReading,
    receive(message) {
      switch (message.kind) {
        case 'updates':
          return hub.deliver(message.document, message.first, message.updates)
        case 'presence':
          return hub.present(message.document, message.entries)
        case 'stateless':
          return hub.stateless(message.document, message.text, message.members)
        case 'presence refused': {
          const place = hub.find(message.document, message.member)
          if (place !== undefined) presence.refuseFull(place)
          return
        }
        case 'deleted':
          return hub.placesIn(message.document).forEach((place) => void end(place, 'DELETED'))
        case 'recheck':
          acts.admission.forget()
          for (const { places } of [...sockets, ...within])
            for (const place of places.values()) entering.recheck(place)
          return
        default:
          return message satisfies never
      }
    },
    get sockets() {
      return sockets.size
    },
    drain(spreadMs) {
      for (const socket of [...sockets]) lifetime.sendAway(socket, spreadMs)
      if (sockets.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        emptied = resolve
      })
    },
    stop() {
      const left = sockets.size
      for (const socket of within) gone(socket, 'stopped')
      for (const socket of [...sockets]) {
        gone(socket, 'stopped')
        socket.transport.terminate()
      }
      for (const timer of timers) timer.stop()
      return left
    },
  }
}

function callKindOf({ kind }: Question): CallKind {
  switch (kind) {
    case 'open':
    case 'update':
      return kind
    case 'page':
      return 'read'
    case 'ask':
    case 'list':
      return 'question'
    default:
      return kind satisfies never
  }
}
