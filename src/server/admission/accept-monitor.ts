import type { Server } from 'node:http'
import type { Limits } from '../../protocol/index.ts'
import type { LoadLevel } from '../link/link.ts'
import type { Log } from '../log/log.ts'
import type { EdgeMetrics, FaultMetrics } from '../metrics/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import { contain, contained } from '../runtime/containment.ts'
import { type AcceptQueue, openAcceptQueue } from './accept-queue.ts'
import { loadLevelOf, shouldListen } from './capacity-policy.ts'
import { createEventLoopLag } from './event-loop-lag.ts'
import { createOverloadDetector } from './overload.ts'
import type { PendingHandshakes } from './pending-handshakes.ts'
import { createQueueDelay } from './queue-delay.ts'
import type { UpgradeGate } from './upgrade-gate.ts'

export interface AcceptMonitorOptions {
  /** Undefined where the embedding program accepts the connections. */
  readonly server: Server | undefined
  readonly gate: Pick<UpgradeGate, 'look'>
  readonly limits: Pick<Limits, 'sessionsMax' | 'acceptLateMs'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<EdgeMetrics, 'unheard'> & FaultMetrics
  readonly random: () => number
  readonly sessions: () => number
  readonly handshakes: Pick<PendingHandshakes, 'now' | 'done'>
  /** Told how full this edge is, when that changes; it starts with room. */
  readonly onLoadLevel?: ((fullness: LoadLevel) => void) | undefined
}

/** A listener that a monitor may stop, and start again. */
export interface MonitoredListener {
  /** Listens again where it listened. */
  listen(): Promise<unknown>
  pause(): void
  holdOff(): void
  /** Whether other processes listen on the same port. */
  readonly reusePort: boolean
}

/**
 * Watches how new connections fare on this edge. It tells the gate how long they wait, drops a queue that cannot even be refused, and has an
 * edge that shares its port stop listening while it is full.
 */
export interface AcceptMonitor {
  /** Connections that wait to be accepted. */
  readonly waiting: number
  /** From now on it may stop this listener, and have it listen again in the same way. */
  own(listener: MonitoredListener): void
  /** Others have more room: stops listening as soon as those who wait here have been accepted. */
  rest(): void
  /** Does not stop any more, and is about to be told to listen. */
  goOn(): void
  stop(): void
}

/** How often it looks: an edge that does not listen only has to see that it has room again. */
const everyMs = { listening: 50, otherwise: 500 } as const
/** So few in hand are no queue: they may be those of one hook that hangs. */
const fewHandshakes = 50
/** An edge that could not listen again leaves it for so long. */
const retryMs = 1_000

export function createAcceptMonitor(options: AcceptMonitorOptions): AcceptMonitor {
  const { server, gate, clock, log, random } = options
  const { sessionsMax, acceptLateMs } = options.limits
  let loop = createEventLoopLag(clock.monotonicMs(), everyMs.listening)
  // The loop's lateness alone does not show it: libuv accepts one connection a turn, so turns stay short while the queue grows.
  const acceptQueue = createQueueDelay(clock.monotonicMs())
  const handshakes = createQueueDelay(clock.monotonicMs())
  const shouldDrop = createOverloadDetector(acceptLateMs)
  let queue: AcceptQueue | undefined
  let accepted = 0
  let acceptedBefore = 0
  let waiting = 0
  let own: MonitoredListener | undefined
  let notBeforeMs = 0
  let fullness: LoadLevel = 'room'
  let resting = false
  /** Newcomers are held off, and it stops listening as soon as nobody waits. */
  let leaving = false
  let stopped = false
  const count = contained(options, 'http', (): void => {
    accepted += 1
    // Whoever waits is reset when the listener closes: right after the last of them was accepted nobody does.
    if (leaving) leaveIfNobodyWaits()
  })
  server?.on('connection', count)
  let pace: keyof typeof everyMs = 'listening'
  let timer = clock.every(everyMs[pace], look)

  const isListening = (): boolean => server?.listening === true

  /** Looks as often as there is something to see. */
  function keepPace(): void {
    const next = isListening() ? 'listening' : 'otherwise'
    if (stopped || pace === next) return
    pace = next
    timer.stop()
    timer = clock.every(everyMs[pace], look)
    loop = createEventLoopLag(clock.monotonicMs(), everyMs[pace])
  }

  function look(): void {
    const nowMs = clock.monotonicMs()
    if (server?.listening === true) queue ??= openAcceptQueue(server)
    // Where nobody came, nobody waits: an idle edge reads nothing.
    waiting = accepted === acceptedBefore ? 0 : (queue?.waiting() ?? 0)
    acceptedBefore = accepted
    loop.look(nowMs)
    acceptQueue.look(nowMs, { waiting, taken: accepted })
    const { now, done } = options.handshakes
    handshakes.look(nowMs, { waiting: now < fewHandshakes ? 0 : now, taken: done })
    const heardMs = Math.max(loop.ms, acceptQueue.ms)
    gate.look(nowMs, { heardMs, handshakeMs: handshakes.ms })
    tellFullness()
    decide(nowMs, shouldDrop(nowMs, acceptQueue.ms))
    keepPace()
  }

  function decide(nowMs: number, isTooLate: boolean): void {
    if (own === undefined) return
    if (leaving) return leaveIfNobodyWaits()
    if (resting) return isListening() ? leave(own) : undefined
    // Two edges that see the same at the same time would both leave the port, again and again.
    if (nowMs < notBeforeMs || random() < 0.5) return
    if (isTooLate && isListening()) drop(nowMs, own)
    else listenOrNot(nowMs, own)
  }

  function tellFullness(): void {
    const before = fullness
    fullness = loadLevelOf(options.sessions(), sessionsMax, before)
    if (fullness !== before) options.onLoadLevel?.(fullness)
  }

  function leave(listener: MonitoredListener): void {
    leaving = true
    listener.holdOff()
    leaveIfNobodyWaits()
  }

  function leaveIfNobodyWaits(): void {
    if (own === undefined || (queue?.waiting() ?? 0) > 0) return
    leaving = false
    // Meanwhile another has left, or somebody went.
    const stays = !resting && shouldListenNow(own)
    if (stays) listenAgain(clock.monotonicMs(), own)
    else own.pause()
  }

  function drop(nowMs: number, mine: MonitoredListener): void {
    options.metrics.unheard(waiting)
    mine.pause()
    listenAgain(nowMs, mine)
  }

  function listenOrNot(nowMs: number, mine: MonitoredListener): void {
    if (shouldListenNow(mine) === isListening()) return
    if (isListening()) leave(mine)
    else listenAgain(nowMs, mine)
  }

  function shouldListenNow({ reusePort }: MonitoredListener): boolean {
    const sessions = options.sessions()
    const listens = isListening()
    if (listens && (sessions < sessionsMax || !reusePort)) return true
    const listeners = reusePort ? queue?.listeners() : 0
    return shouldListen({ listens, sessions, sessionsMax, listeners })
  }

  function listenAgain(nowMs: number, listener: MonitoredListener): void {
    notBeforeMs = nowMs + retryMs
    const listening = listener.listen().then(
      () => {
        notBeforeMs = 0
        if (stopped) listener.pause()
        keepPace()
      },
      (error: unknown) => log.warn({ err: error }, 'an edge cannot listen again yet'),
    )
    contain(options, 'http', listening)
  }

  return {
    get waiting() {
      return waiting
    },
    own(listener) {
      own = listener
      keepPace()
    },
    rest() {
      resting = true
      if (own !== undefined && isListening()) leave(own)
    },
    goOn() {
      resting = false
      leaving = false
    },
    stop() {
      if (stopped) return
      stopped = true
      timer.stop()
      server?.off('connection', count)
      queue?.close()
    },
  }
}
