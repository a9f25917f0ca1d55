import type { IncomingMessage } from 'node:http'
import type { Identity } from '../auth/auth.ts'
import { contained, reportFault } from '../containment.ts'
import type { Vocabulary } from '../document-engine/document-engine.ts'
import { type CallKind, documentAnswerOf } from '../edge/calls.ts'
import { createCongestion } from '../edge/congestion.ts'
import type { DocumentAnswer, DocumentToEdge } from '../link/document-messages.ts'
import type { Transport, TransportHandlers } from '../transport/transport.ts'
import { type DocumentEdgeOptions, documentTimes } from './document-edge-options.ts'
import { createDocumentHub } from './document-hub.ts'
import { createDocumentLifetime, type DocumentLifetime } from './document-lifetime.ts'
import { createDocumentOutbox } from './document-outbox.ts'
import { createDocumentSocket, type DocumentSocket, type Place } from './document-socket.ts'
import { type Ending, endings } from './ending.ts'
import { createEntering, type Entering } from './entering.ts'
import { parseEntry } from './entry.ts'
import { body, type ClientMessage, decodeAddressed, decodePlain, frameOf } from './frames.ts'
import { createOwnPresence } from './own-presence.ts'
import type { PlaceActs, Question } from './place-acts.ts'
import { createReceiving } from './receiving.ts'

/** The connections of Yjs clients on this edge, of both families, on one port. */
export interface DocumentEdge {
  readonly handlers: TransportHandlers<DocumentSocket>
  open(transport: Transport, request: Pick<IncomingMessage, 'url'>): DocumentSocket
  /** Documents on the connection of a session, which looks after the connection itself. */
  openWithin(
    transport: Transport,
    session: {
      readonly identity: () => Identity | undefined
      readonly vocabulary: Vocabulary | undefined
    },
  ): DocumentSocket
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
  const sockets = new Set<DocumentSocket>()
  const within = new Set<DocumentSocket>()
  let made = 0
  let members = 0
  let emptied: (() => void) | undefined

  const congestion = createCongestion<DocumentSocket>(limits, clock, {
    slow: (socket) => close(socket, 'SLOW_READER'),
    drained(socket) {
      if (socket.full) socket.transport.pause()
      for (const place of socket.places.values()) hub.drained(place)
    },
  })
  const outbox = createDocumentOutbox(limits, metrics, clock.monotonicMs, congestion.add)
  const hub = createDocumentHub({
    offer: (place, frame) => outbox.offer(place.socket, frame),
    lagged: metrics.lagged,
    read(place, cursor, stateVector, give) {
      const asked = stateVector === undefined ? {} : { stateVector }
      ask({ kind: 'page', document: place.document, cursor, ...asked }, (answer) =>
        give(answer.kind === 'page' ? answer : undefined),
      )
    },
  })
  const acts: PlaceActs = {
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
  const presence = createOwnPresence(acts)
  const receiving = createReceiving(acts, presence, () => entering)
  const entering: Entering = createEntering(
    acts,
    () => {
      members += 1
      return members
    },
    receiving.receive,
  )
  const lifetime: DocumentLifetime = createDocumentLifetime(acts, entering, presence)
  const timers = [
    clock.every(documentTimes.wheelTickMs, contained(options, 'timer', lifetime.turn)),
    congestion,
    clock.every(documentTimes.retryReadsEveryMs, contained(options, 'timer', hub.retry)),
  ]
  metrics.gauge({ documentSessions: () => sockets.size })

  function say(place: Place, bytes: Uint8Array): void {
    outbox.offer(place.socket, frameOf(place.address, bytes))
  }

  function ask(question: Question, take: (answer: DocumentAnswer) => void): void {
    const call = calls.open((answer) => take(documentAnswerOf(answer)), callKindOf(question))
    // The question is a message but for its number.
    core.send({ kind: 'document', message: { ...question, call } })
  }

  function frame(socket: DocumentSocket, bytes: Buffer, isText: boolean): void {
    if (socket.state === 'closed') return
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

  function plain(socket: DocumentSocket, bytes: Buffer): void {
    const message = decodePlain(bytes)
    if (message === undefined) return close(socket, 'BAD_FRAME')
    const place = socket.places.get('')
    if (place !== undefined) take(place, message, bytes.length)
  }

  function addressed(socket: DocumentSocket, bytes: Buffer): void {
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

  function take(place: Place, message: ClientMessage, bytes: number): void {
    if (place.state === 'open') return receiving.receive(place, message)
    if (place.state === 'ended' || message.kind === 'unknown') return
    if (message.kind === 'close') return forget(place, true)
    place.early ??= []
    place.early.push(message)
    place.earlyBytes += bytes
    const known = place.state === 'opening'
    // Somebody who is known only waits for the document; a stranger must not fill the memory.
    const framesMax = known ? limits.socketUnsavedMax * 16 : limits.earlyFramesMax
    const bytesMax = known ? limits.socketUnsavedBytesMax : limits.earlyBytesMax
    if (place.early.length > framesMax || place.earlyBytes > bytesMax) {
      close(place.socket, 'OVERLOADED', 'too much came before the document was open')
    }
  }

  function heard(socket: DocumentSocket): void {
    socket.heardMs = clock.monotonicMs()
    socket.pingedMs = 0
  }

  /** Takes a place out of everything. */
  function forget(place: Place, atOnce: boolean): void {
    if (place.state === 'ended') return
    place.state = 'ended'
    const { socket, address, document, member } = place
    socket.places.delete(address ?? '')
    hub.remove(place)
    if (place.joined) acts.tell({ kind: 'leave', document, member, atOnce })
  }

  function end(place: Place, why: Ending, detail?: string): void {
    const { text } = endings[why]
    if (place.address === undefined) {
      say(place, body.denied(detail ?? text))
      return close(place.socket, why, detail)
    }
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

  function close(socket: DocumentSocket, why: Ending, detail?: string): void {
    if (socket.state === 'closed') return
    outbox.flush(socket)
    const { code, text } = endings[why]
    gone(socket, why)
    socket.transport.close(code, (detail ?? text).slice(0, 120))
  }

  function gone(socket: DocumentSocket, reason: string): void {
    socket.state = 'closed'
    sockets.delete(socket)
    const isSession = within.delete(socket)
    lifetime.cancel(socket)
    congestion.remove(socket)
    for (const place of [...socket.places.values()]) forget(place, false)
    if (!isSession) metrics.closed(reason)
    if (sockets.size === 0) emptied?.()
  }

  return {
    handlers: {
      frame,
      failed: (_, error) => reportFault(options, 'frame', error),
      pong: heard,
      closed(socket, code) {
        if (socket.state === 'closed') return
        gone(socket, code < 3_000 ? `code ${code}` : 'code of the client')
      },
    },
    open(transport, request) {
      made += 1
      const entry = parseEntry(request, options.path)
      const socket = createDocumentSocket(made, transport, entry, clock.monotonicMs())
      sockets.add(socket)
      lifetime.greet(socket)
      metrics.opened()
      return socket
    },
    openWithin(transport, { identity, vocabulary }) {
      made += 1
      const user = identity()?.user
      const entry = { document: undefined, token: undefined, user, vocabulary, session: identity }
      const socket = createDocumentSocket(made, transport, entry, clock.monotonicMs())
      socket.family = 'hocuspocus'
      within.add(socket)
      lifetime.greet(socket)
      return socket
    },
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

/** What the Hocuspocus provider hands to `onAuthenticationFailed`: its own server's word where it has one. */
function reasonOf(why: Ending): string {
  return why === 'TOKEN_REFUSED' || why === 'DENIED' ? 'permission-denied' : endings[why].text
}

function callKindOf({ kind }: Question): CallKind {
  switch (kind) {
    case 'open':
    case 'update':
      return kind
    case 'page':
      return 'read'
    case 'ask':
      return 'question'
    default:
      return kind satisfies never
  }
}
