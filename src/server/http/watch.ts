import type { Server } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Log } from '../log/log.ts'
import { shouldListen } from './accepting.ts'
import type { HttpListener, ListenOptions } from './http-listener.ts'
import { createLateness } from './lateness.ts'
import { type ListenQueue, openListenQueue, type PortListeners } from './listen-queue.ts'
import type { UpgradeGate } from './upgrade-gate.ts'

export interface WatchOptions {
  readonly server: Server
  readonly gate: Pick<UpgradeGate, 'look'>
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly sessions: () => number
  readonly sessionsMax: number
}

/** Watches how new connections fare on this edge: tells the gate how late they are heard, and stops listening while the edge is full. */
export interface Watch {
  /** Connections that wait to be accepted, on average over the sockets of the port. */
  readonly waiting: number
  /** From now on the edge may stop listening while it is full, since others listen at the same port. */
  share(listener: Pick<HttpListener, 'listen' | 'pause'>, options: ListenOptions): void
  stop(): void
}

const everyMs = 50
/** An edge that could not listen again leaves it for so long. */
const retryMs = 1_000

export function createWatch(options: WatchOptions): Watch {
  const { server, gate, clock, log, random } = options
  const lateness = createLateness(clock.monotonicMs(), everyMs)
  let queue: ListenQueue | undefined
  let port = 0
  let accepted = 0
  let acceptedBefore = 0
  let waiting = 0
  let sharing: { listener: Pick<HttpListener, 'listen' | 'pause'>; at: ListenOptions } | undefined
  let busyUntilMs = 0
  let stopped = false
  const count = (): void => {
    accepted += 1
  }
  server.on('connection', count)
  const timer = clock.every(everyMs, look)

  /** The first look after the server has begun to listen opens the list. */
  function listeners(): PortListeners | undefined {
    const address = server.address()
    if (queue === undefined && address !== null && typeof address === 'object') {
      queue = openListenQueue(address.family === 'IPv6' ? 'IPv6' : 'IPv4')
      port = address.port
    }
    return queue?.look(port)
  }

  function look(): void {
    const nowMs = clock.monotonicMs()
    const sessions = options.sessions()
    const isShort = sharing !== undefined && (sessions >= options.sessionsMax || !server.listening)
    // Where nobody came, nobody waits: an idle edge reads nothing.
    const seen = accepted === acceptedBefore && !isShort ? undefined : listeners()
    acceptedBefore = accepted
    waiting = seen === undefined ? 0 : seen.waiting / Math.max(1, seen.listeners)
    lateness.look(nowMs, { waiting, accepted })
    gate.look(nowMs, lateness.ms)
    if (isShort) listenOrNot(nowMs, sessions, seen?.listeners)
  }

  function listenOrNot(nowMs: number, sessions: number, listening: number | undefined): void {
    if (sharing === undefined || nowMs < busyUntilMs) return
    const listens = server.listening
    const { sessionsMax } = options
    const should = shouldListen({ listens, sessions, sessionsMax, listeners: listening })
    // Two that see the same at the same time would do the same again and again.
    if (should === listens || random() < 0.5) return
    if (listens) sharing.listener.pause()
    else listenAgain(nowMs, sharing)
  }

  function listenAgain(nowMs: number, { listener, at }: NonNullable<typeof sharing>): void {
    busyUntilMs = nowMs + retryMs
    listener.listen(at).then(
      () => {
        busyUntilMs = 0
        if (stopped) listener.pause()
      },
      (error: unknown) => log.warn({ err: error }, 'an edge that has room again cannot listen yet'),
    )
  }

  return {
    get waiting() {
      return waiting
    },
    share(listener, at) {
      sharing = { listener, at }
    },
    stop() {
      if (stopped) return
      stopped = true
      timer.stop()
      server.off('connection', count)
      queue?.close()
    },
  }
}
