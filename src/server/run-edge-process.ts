import type { Duplex } from 'node:stream'
import { RusherError } from '../protocol/index.ts'
import { createEdgeHost, type EdgeHost } from './create-edge-host.ts'
import type { ToCore, ToEdge } from './link/link.ts'
import { createProcessLinkEnd } from './link/process-link.ts'
import { refusalOfCall } from './link/refusal-of-call.ts'
import { createPrometheusMetrics } from './metrics/prometheus-metrics.ts'
import { systemClock } from './runtime/clock.ts'
import { contain, reportFault } from './runtime/containment.ts'
import { largeBytesOf, limitsOf, type ServerOptions } from './server-options.ts'
import { worldOf } from './world.ts'

/** Interval of the session count sent to the core, which is also the heartbeat, in milliseconds. */
const tellMs = 1_000

type Start = Extract<ToEdge, { kind: 'listen' }>

/**
 * Runs an edge in this process until its link ends, which is when the core's process has ended or has let it go. What clients
 * were told is in the core's log, so an edge has nothing to save.
 */
export function runEdgeProcess(options: ServerOptions, pipe: Duplex): Promise<void> {
  // There may be fifty of them.
  const metrics = createPrometheusMetrics({ loopLookMs: 250 })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let host: EdgeHost | undefined
  let isDraining = false
  const telling = systemClock.every(tellMs, tellHeld)
  let started: Promise<(() => Promise<void>) | undefined> | undefined
  const faults = { log: worldOf(options).log, metrics }
  const link = createProcessLinkEnd<ToCore, ToEdge>(pipe, {
    receive,
    ended: () => end(),
    unsent,
    failed: (error) => reportFault(faults, 'link', error),
    largeBytesMax: largeBytesOf(options.limits),
  })

  function receive(message: ToEdge): void {
    switch (message.kind) {
      case 'listen':
        started = start(message)
        return
      case 'open':
        if (started === undefined) return
        return contain(faults, 'edge process', started.then((listen) => listen?.()).catch(failed))
      case 'rest':
        return host?.rest()
      case 'measure':
        return contain(
          faults,
          'call',
          metrics
            .collect()
            .then((own) => link.send({ kind: 'measured', call: message.call, metrics: own })),
        )
      case 'drain':
        // Nobody is here yet, and nobody shall come.
        if (host === undefined) return link.end()
        isDraining = true
        host.closeListener()
        return contain(
          faults,
          'edge process',
          host.drain(message.spreadMs).then(() => link.send({ kind: 'drained' })),
          () => link.send({ kind: 'drained' }),
        )
      default:
        host?.receive(message)
    }
  }

  /** Answers a call that could not be sent to the core. */
  function unsent(message: ToCore): void {
    const refused = refusalOfCall(message, 'INTERNAL')
    if (refused !== undefined) host?.receive({ kind: 'answer', ...refused })
  }

  function tellHeld(): void {
    link.send({ kind: 'holds', sessions: host?.sessions ?? 0 })
  }

  /** Gives what has it listen, for the time when it does not stand by any more; nothing where it could not be made. */
  async function start(message: Start): Promise<(() => Promise<void>) | undefined> {
    try {
      const made = await createEdgeHost({
        ...worldOf(options),
        options,
        core: link,
        limits: limitsOf(options.limits),
        durability: message.durability,
        metrics,
        onLoadLevel: (fullness) => link.send({ kind: 'fullness', fullness }),
      })
      const listen = async (): Promise<void> => {
        if (isDraining) return
        await made.listen({ port: message.port, host: message.host, reusePort: true })
        if (isDraining) made.closeListener()
        link.send({ kind: 'listening' })
      }
      host = made
      if (message.standsBy) link.send({ kind: 'standing-by' })
      else await listen()
      return listen
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  function failed(error: unknown): void {
    const code = error instanceof RusherError ? error.code : 'EDGE_FAILED'
    const message = error instanceof Error ? error.message : String(error)
    link.send({ kind: 'failed', code, message })
  }

  return ended.then(() => {
    telling.stop()
    host?.stop()
  })
}

/** Tells the core why no edge will run in this process; resolves when the link has ended. */
export function refuseToRun(pipe: Duplex, { code, message }: RusherError): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const link = createProcessLinkEnd<ToCore, ToEdge>(pipe, {
    receive: () => undefined,
    ended: () => end(),
  })
  link.send({ kind: 'failed', code, message })
  return ended
}
