import type { IncomingMessage } from 'node:http'
import { type CloseReason, closeTable, decodeFrame, refuse } from '../../../protocol/index.ts'
import type { ToEdge } from '../../link/link.ts'
import { contain, reportFault } from '../../runtime/containment.ts'
import type { Transport, TransportHandlers } from '../../transport/transport.ts'
import { createBackpressure } from '../connection/backpressure.ts'
import { edgeTimes } from '../connection/edge-times.ts'
import { createPermissionCache } from '../connection/permission-cache.ts'
import { take } from '../connection/rate-limit.ts'
import { editorSchemaOf } from '../documents/connection-params.ts'
import { createDispatcher, type Dispatcher, refOf } from './dispatch.ts'
import type { EdgeOptions } from './edge-options.ts'
import { createConnectHandler } from './handle-connect.ts'
import { createHub } from './hub.ts'
import { createOutbox } from './outbox.ts'
import { createSession, type Session } from './session.ts'
import type { SessionActions } from './session-actions.ts'
import { createSessionTimers } from './session-timers.ts'

/** The side that holds connections. It knows sessions and who follows what; what channels mean is the core's affair. */
export interface ChannelEdge {
  readonly handlers: TransportHandlers<Session>
  /** Makes the session of a new pipe. */
  open(transport: Transport, request: Pick<IncomingMessage, 'url' | 'headers' | 'socket'>): Session
  /** Takes what the core sends about channels. */
  receive(message: ChannelToEdge): void
  /** Rechecks the read permissions of all sessions now. */
  recheck(): void
  readonly sessions: number
  readonly draining: boolean
  /** Sends every session away, spread over so many milliseconds; resolves when the last is gone. */
  drain(spreadMs: number): Promise<void>
  /** Cuts off whoever is left. Returns how many. */
  stop(): number
}

/** What the core sends about channels. Whatever else it sends, others take before an edge. */
export type ChannelToEdge = Extract<ToEdge, { kind: 'events' | 'passing' }>

/** One frame before it is known who somebody is, and no more: it may bring what follows the connect. */
const early = 'wait for the reply of connect before the next frame'

export function createChannelEdge(options: EdgeOptions): ChannelEdge {
  const { limits, clock, metrics, core, calls } = options
  const sessions = new Set<Session>()
  let sessionsMade = 0
  let draining = false
  let emptied: (() => void) | undefined

  const acts: SessionActions = {
    close,
    send: (session, message) => outbox.offer(session, message),
    release: (session) => outbox.release(session),
  }
  const congestion = createBackpressure<Session>(limits, clock, {
    slow: (session) => close(session, 'SLOW_READER'),
    drained(session) {
      if (session.documents !== undefined) options.documents.drained(session.documents)
      hub.drained(session)
      commands.lookAgain(session)
    },
  })
  const outbox = createOutbox(limits, metrics, congestion.add, (error, session) => {
    reportFault(options, 'frame', error)
    // The session lost events: it resumes from its position on a new connection.
    session?.transport.terminate()
  })
  const hub = createHub(
    outbox,
    (channel, after, give) => {
      const call = calls.open((answer) => give(answer.kind === 'page' ? answer : undefined), 'read')
      core.send({ kind: 'read', call, channel, after, limit: limits.historyEventsMax })
    },
    metrics.lagged,
  )
  const permission = createPermissionCache(options.permit, clock, options.log)
  const lifetime = createSessionTimers(options, acts, recheck)
  const commands: Dispatcher = createDispatcher({
    ...options,
    hub,
    calls,
    acts,
    permission,
    connecting: createConnectHandler(options, acts, {
      identified: lifetime.identified,
      welcomed: (session) => commands.goOn(session),
    }),
  })
  const timers = [
    clock.every(edgeTimes.wheelTickMs, lifetime.turn),
    congestion,
    clock.every(edgeTimes.retryReadsEveryMs, hub.retryReads),
  ]
  metrics.gauge({ sessions: () => sessions.size })

  function frame(session: Session, bytes: Buffer, isText: boolean): void {
    if (session.state === 'closed') return
    session.heardMs = clock.monotonicMs()
    session.pingedMs = 0
    if (!isText) return documentFrame(session, bytes)
    if (session.state === 'connecting' || session.isHeld) {
      return close(session, 'CONNECT_EXPECTED', early)
    }
    if (session.state !== 'open' && bytes.length > limits.connectFrameBytesMax) {
      return close(session, 'FRAME_TOO_LARGE')
    }
    const decoded = decodeFrame(bytes.toString(), limits)
    if ('close' in decoded) return close(session, decoded.close, decoded.detail)
    for (const parsed of decoded.commands) {
      // An earlier command of the same frame may have ended the session.
      if ((session.state as Session['state']) === 'closed') return
      const waitMs = overRate(session)
      const ref = 'command' in parsed ? refOf(parsed.command) : parsed.ref
      if (waitMs > 0) commands.refuse(session, ref, refuse('RATE_LIMITED', undefined, waitMs))
      else if ('refusal' in parsed) commands.refuse(session, parsed.ref, parsed.refusal)
      else commands.admit(session, parsed.command, bytes.length)
    }
  }

  /** A binary frame is about documents; one without a byte leaves them. */
  function documentFrame(session: Session, bytes: Buffer): void {
    const { transport, vocabulary } = session
    if (session.state !== 'open' || session.isHeld) {
      return close(session, 'BAD_FRAME', 'binary frames are for documents, after connect')
    }
    if (bytes.length === 0) return leaveDocuments(session)
    if (session.documents === undefined || session.documents.state === 'closed') {
      session.documents = options.documents.openWithin(transport, {
        identity: () => session.identity,
        vocabulary,
      })
    }
    options.documents.handlers.frame(session.documents, bytes, false)
  }

  /**
   * Only document frames may be large, and only once a document is open; commands are small.
   */
  function announced(
    { documents, state, isHeld }: Session,
    bytes: number,
    isText: boolean,
  ): number {
    if (isText || state !== 'open' || isHeld || documents === undefined) return limits.frameBytesMax
    return options.documents.handlers.announced?.(documents, bytes, false) ?? limits.frameBytesMax
  }

  function arrived({ documents }: Session, bytes: number): void {
    if (documents !== undefined) options.documents.handlers.arrived?.(documents, bytes)
  }

  function leaveDocuments(session: Session): void {
    if (session.documents !== undefined) options.documents.handlers.closed(session.documents, 1000)
    session.documents = undefined
  }

  function recheck(session: Session): void {
    contain(options, 'command', commands.recheck(session))
  }

  function overRate(session: Session): number {
    const nowMs = clock.monotonicMs()
    const taken = take(session.commandsFullMs, nowMs, {
      perSecond: limits.commandsPerSecond,
      burst: limits.commandsBurst,
    })
    if ('fullAtMs' in taken) {
      session.commandsFullMs = taken.fullAtMs
      session.rateRefusals = 0
      return 0
    }
    session.rateRefusals += 1
    if (session.rateRefusals > limits.rateRefusalsMax) close(session, 'RATE_EXCEEDED')
    return taken.waitMs
  }

  function close(session: Session, reason: CloseReason, detail?: string): void {
    if (session.state === 'closed') return
    session.isHeld = false
    outbox.flush(session)
    const row = closeTable[reason]
    const { transport } = session
    forget(session, reason)
    transport.close(row.code, (detail ?? row.text).slice(0, 120))
  }

  /** Takes a session out of everything; what may still arrive from its pipe is ignored. */
  function forget(session: Session, reason: string): void {
    session.state = 'closed'
    sessions.delete(session)
    lifetime.cancel(session)
    congestion.remove(session)
    commands.leaveAll(session)
    leaveDocuments(session)
    metrics.closed(reason)
    if (sessions.size === 0) emptied?.()
  }

  return {
    handlers: {
      frame,
      failed: (_, error) => reportFault(options, 'frame', error),
      announced,
      arrived,
      closed(session, code) {
        if (session.state !== 'closed')
          forget(session, code < 3_000 ? `code ${code}` : 'code of the client')
      },
    },
    open(transport, request) {
      sessionsMade += 1
      const nowMs = clock.monotonicMs()
      const vocabulary = editorSchemaOf(request.url)
      const read = options.readRequest(request)
      const session = createSession(sessionsMade, transport, nowMs, vocabulary, read)
      sessions.add(session)
      lifetime.greet(session)
      metrics.opened()
      return session
    },
    receive(message) {
      switch (message.kind) {
        case 'events':
          return hub.deliver(message.channel, message.first, message.events)
        case 'passing':
          return hub.pass(message.channel, message.about, message.event)
        default:
          return message satisfies never
      }
    },
    recheck() {
      permission.forget()
      for (const session of sessions) recheck(session)
    },
    get sessions() {
      return sessions.size
    },
    get draining() {
      return draining
    },
    drain(spreadMs) {
      draining = true
      for (const session of [...sessions]) lifetime.sendAway(session, spreadMs)
      if (sessions.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        emptied = resolve
      })
    },
    stop() {
      const left = sessions.size
      for (const session of [...sessions]) {
        forget(session, 'stopped')
        session.transport.terminate()
      }
      for (const timer of timers) timer.stop()
      return left
    },
  }
}
