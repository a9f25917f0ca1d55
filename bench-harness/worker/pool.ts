import type { Cause, Ledger, Stage } from '../ledger/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import { causeOfError, causeOfTimeout } from '../wire/causes.ts'
import { encodeFrame, opcodes } from '../wire/frames.ts'
import { offering, readUpgrade } from '../wire/upgrade.ts'
import { Connection, dial, type LinkedSocket, reset } from './connection.ts'
import { createConnectionList } from './connection-list.ts'
import type { Destination } from './endpoints.ts'
import { createLastHeard } from './last-heard.ts'
import type { SourcePorts } from './source-ports.ts'
import { takeFrames } from './take-frames.ts'

/** What the pool tells of its connections. */
export interface PoolEvents {
  /** The subprotocols that its upgrade offers, if any. */
  offers(connection: Connection): readonly string[] | undefined
  /** Upgraded, with this subprotocol; the dialect speaks now, and calls `ready` when the server has answered. */
  opened(connection: Connection, protocol: string | undefined): void
  /** A whole message. Its bytes are only there during the call. */
  message(connection: Connection, opcode: number, payload: Buffer): void
  /** It ended, asked or not; `was` is the stage it had come to. */
  gone(connection: Connection, was: Stage, cause: Cause | undefined): void
  /** How long a stage took, from the moment that was intended. */
  took(kind: 'tcp' | 'upgrade' | 'ready', ms: number): void
  failed(cause: Cause, connection: Connection, raw: string): void
}

/** All connections of a worker, and the books about them. */
export interface Pool {
  /** Begins a connection that was due at `intendedMs`. */
  open(session: number, intendedMs: number, droppedMs?: number): Connection
  send(connection: Connection, frame: Buffer): void
  /** The server has admitted it and every join is acknowledged. */
  ready(connection: Connection): void
  /** Whether it is there still. */
  holds(connection: Connection): boolean
  /** Ends it as asked, with a reset: nothing then waits in TIME_WAIT. */
  close(connection: Connection): void
  fail(connection: Connection, cause: Cause, raw: string): void
  /** Ends what takes too long to become ready. */
  endLate(): void
  /** Asks the silent for a sign of life, and ends those who give none. */
  askSilent(): void
  /** Asks one for a sign of life, if it is ready. */
  ask(connection: Connection): void
  readonly all: readonly Connection[]
  /** Those that are begun and not yet ready. */
  readonly opening: ReadonlySet<Connection>
  /** Those that are begun and not yet ready. */
  readonly underWay: number
  readonly bytesIn: number
  readonly bytesOut: number
  ledger(waiting: number): Ledger
}

export interface PoolParts {
  readonly now: () => number
  readonly timeouts: Plan['timeouts']
  readonly destinations: readonly Destination[]
  /** The address and port that a connection is to bind; nothing: the kernel chooses. */
  readonly sources: Pick<SourcePorts, 'next' | 'release'>
  /** The token of a session, where it has one. */
  readonly tokenOf: (session: number) => string | undefined
  readonly events: PoolEvents
}

/** What all sockets read into: a read ends before the next one begins. */
const readBytes = 64 * 1024
/** Share of the keepalive interval after which a silent one is asked. */
const askAfter = 0.8

export function createPool(parts: PoolParts): Pool {
  const { now, timeouts, destinations, sources, tokenOf, events } = parts
  const those = createConnectionList('poolPlace')
  const lastHeard = createLastHeard(now)
  const opening = new Set<Connection>()
  const reached = { socket: 0, tcp: 0, ws: 0, ready: 0 }
  const counted = { socket: 0, tcp: 0, ws: 0, ready: 0, closing: 0 }
  const keepaliveS = Math.ceil(timeouts.keepaliveMs / 1_000)
  const failed: Partial<Record<Cause, number>> = {}
  const ping = encodeFrame(opcodes.ping, '')
  let closed = 0
  let lost = 0
  let bytesIn = 0
  let bytesOut = 0

  function move(connection: Connection, stage: Connection['stage']): void {
    if (connection.stage === 'ready') lastHeard.leave(connection)
    if (connection.stage !== 'waiting') counted[connection.stage] -= 1
    connection.stage = stage
    if (stage !== 'waiting') counted[stage] += 1
    if (stage === 'ready') lastHeard.enter(connection)
  }

  function enter(connection: Connection, stage: 'tcp' | 'ws' | 'ready'): void {
    move(connection, stage)
    connection.stageMs = now()
    reached[stage] += 1
    const kind = stage === 'ws' ? 'upgrade' : stage
    events.took(kind, connection.stageMs - connection.intendedMs)
  }

  /** Takes it out of the books; whatever its socket still says is nobody's business. */
  function leave(connection: Connection, cause: Cause | undefined, raw: string): void {
    if (!those.delete(connection)) return
    opening.delete(connection)
    const was = connection.stage
    if (was === 'ready') lastHeard.leave(connection)
    if (was !== 'waiting') counted[was] -= 1
    if (cause === undefined) closed += 1
    else {
      failed[cause] = (failed[cause] ?? 0) + 1
      if (was === 'ready') lost += 1
      events.failed(cause, connection, raw)
    }
    if (connection.socket !== undefined) reset(connection.socket)
    connection.held = undefined
    connection.fragments = undefined
    events.gone(connection, was, cause)
  }

  function fail(connection: Connection, cause: Cause, raw: string): void {
    leave(connection, connection.stage === 'closing' ? undefined : cause, raw)
  }

  function send(connection: Connection, frame: Buffer): void {
    if (connection.socket === undefined || !those.has(connection)) return
    bytesOut += frame.length
    connection.socket.write(frame)
  }

  function onConnect(this: LinkedSocket): void {
    enter(this.connection, 'tcp')
  }

  function onOpen(this: LinkedSocket): void {
    const { connection } = this
    const { session, destination } = connection
    const bytes = destination.request.bytesFor({ session, token: tokenOf(session) })
    const protocols = events.offers(connection)
    send(connection, protocols === undefined ? bytes : offering(bytes, protocols))
  }

  function onError(this: LinkedSocket, error: NodeJS.ErrnoException): void {
    const { connection } = this
    fail(connection, causeOfError(error.code, connection.stage), error.message)
  }

  function onClose(this: LinkedSocket): void {
    const { connection } = this
    // Only now can another bind it.
    if (connection.source !== undefined) sources.release(connection.destination, connection.source)
    const after = connection.stage === 'ws' || connection.stage === 'ready'
    const raw = 'the server ended the connection without a word'
    fail(connection, after ? 'closed_1006' : 'reset_before_upgrade', raw)
  }

  function onRead(this: LinkedSocket, count: number, buffer: Uint8Array): boolean {
    const { connection } = this
    if (!those.has(connection)) return true
    if (connection.stage === 'ready') lastHeard.heard(connection)
    connection.asked = false
    bytesIn += count
    const fresh = Buffer.from(buffer.buffer, buffer.byteOffset, count)
    const { held } = connection
    connection.held = undefined
    take(connection, held === undefined ? fresh : Buffer.concat([held, fresh]))
    return true
  }

  function take(connection: Connection, bytes: Buffer): void {
    if (connection.stage !== 'tcp') return takeFrames(connection, bytes, frameEvents)
    const answer = readUpgrade(bytes, connection.destination.request.accept)
    switch (answer.kind) {
      case 'partial':
        connection.held = Buffer.from(bytes)
        return
      case 'upgraded':
        enter(connection, 'ws')
        events.opened(connection, answer.protocol)
        if (bytes.length > answer.headBytes)
          takeFrames(connection, bytes.subarray(answer.headBytes), frameEvents)
        return
      case 'status':
        connection.retryAfterMs = answer.retryAfterMs
        return fail(connection, `http_${answer.status}`, answer.line)
      case 'bad accept':
        return fail(connection, 'bad_accept', `Sec-WebSocket-Accept: ${answer.given}`)
      case 'no http':
        return fail(connection, 'protocol', answer.line)
      default:
        return answer satisfies never
    }
  }

  const frameEvents = {
    open: (connection: Connection) => those.has(connection),
    message: events.message,
    send,
    closed: (connection: Connection, code: number, reason: string) =>
      fail(connection, `closed_${code}`, `close ${code} ${reason}`.trim()),
    broken: (connection: Connection, why: string) => fail(connection, 'protocol', why),
  }

  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const handlers = {
    connect: onConnect,
    open: onOpen,
    error: onError,
    close: onClose,
    read: onRead,
  }

  return {
    all: those.all,
    opening,
    get underWay() {
      return opening.size
    },
    get bytesIn() {
      return bytesIn
    },
    get bytesOut() {
      return bytesOut
    },
    send,
    fail,
    holds: those.has,
    open(session, intendedMs, droppedMs) {
      const destination = destinations[session % destinations.length]
      if (destination === undefined) throw new Error('a pool without a destination')
      const connection = new Connection(session, intendedMs, destination, now())
      connection.droppedMs = droppedMs
      those.add(connection)
      counted.socket += 1
      opening.add(connection)
      reached.socket += 1
      connection.source = sources.next(destination)
      connection.socket = dial(connection, handlers, buffer)
      return connection
    },
    ready(connection) {
      // A frame may hold more messages after the one that ended it.
      if (connection.stage !== 'ws' || !those.has(connection)) return
      opening.delete(connection)
      enter(connection, 'ready')
    },
    close(connection) {
      if (!those.has(connection)) return
      move(connection, 'closing')
      leave(connection, undefined, '')
    },
    endLate() {
      const nowMs = now()
      for (const connection of opening) {
        const { stage } = connection
        if (stage !== 'socket' && stage !== 'tcp' && stage !== 'ws') continue
        const limitMs =
          stage === 'socket'
            ? timeouts.connectMs
            : stage === 'tcp'
              ? timeouts.upgradeMs
              : timeouts.readyMs
        if (nowMs - connection.stageMs > limitMs)
          fail(connection, causeOfTimeout(stage), `nothing for ${limitMs} ms in stage ${stage}`)
      }
    },
    askSilent() {
      const nowMs = now()
      const askS = Math.floor(askAfter * keepaliveS)
      // The server asks first, as a rule, and then there is nobody.
      if (!lastHeard.isAnySilent(askS)) return
      // From the end: one that is failed gives its place to the last, which was looked at.
      for (let place = those.all.length - 1; place >= 0; place -= 1) {
        const connection = those.all[place]
        if (connection?.stage !== 'ready' || connection.slow) continue
        const silentS = Math.floor(nowMs / 1_000) - connection.seenS
        if (silentS > 2 * keepaliveS) fail(connection, 'idle_timeout', `silent for ${silentS} s`)
        else if (!connection.asked && silentS > askS) {
          connection.asked = true
          send(connection, ping)
        }
      }
    },
    ask(connection) {
      if (connection.stage !== 'ready' || !those.has(connection)) return
      connection.asked = true
      send(connection, ping)
    },
    ledger(waiting) {
      return {
        scheduled: reached.socket + waiting,
        reached: { ...reached },
        now: { waiting, ...counted },
        alive: lastHeard.within(keepaliveS),
        closed,
        failed: { ...failed },
        lost,
      }
    },
  }
}
