import type { Duplex } from 'node:stream'
import { type Durability, RusherError } from '../protocol/index.ts'
import { createEdgeHost, type EdgeHost } from './create-edge-host.ts'
import type { ToCore, ToEdge } from './link/link.ts'
import { createProcessLinkEnd } from './link/process-link.ts'
import { createPrometheusMetrics } from './metrics/prometheus-metrics.ts'
import { limitsOf, type ServerOptions } from './server-options.ts'
import { worldOf } from './world.ts'

/**
 * Runs an edge in this process until its link ends, which is when the core's process has ended or has let it go. What clients
 * were told is in the core's log, so an edge has nothing to save.
 */
export function runEdgeProcess(options: ServerOptions, pipe: Duplex): Promise<void> {
  const metrics = createPrometheusMetrics()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let host: EdgeHost | undefined
  const link = createProcessLinkEnd<ToCore, ToEdge>(pipe, receive, () => end())

  function receive(message: ToEdge): void {
    switch (message.kind) {
      case 'listen':
        return void listen(message)
      case 'measure':
        return void metrics.collect().then((own) =>
          link.send({
            kind: 'measured',
            call: message.call,
            metrics: own,
            sessions: host?.sessions ?? 0,
          }),
        )
      case 'drain':
        // Nobody is here yet, and nobody shall come.
        if (host === undefined) return link.end()
        host.closeListener()
        return void host.drain(message.spreadMs).then(() => link.send({ kind: 'drained' }))
      default:
        host?.receive(message)
    }
  }

  async function listen({
    port,
    host: address,
    durability,
  }: {
    port: number
    host: string
    durability: Durability
  }): Promise<void> {
    try {
      host = await createEdgeHost({
        ...worldOf(options),
        options,
        core: link,
        limits: limitsOf(options.limits),
        durability,
        metrics,
      })
      await host.listen({ port, host: address, reusePort: true })
      link.send({ kind: 'listening' })
    } catch (error) {
      const code = error instanceof RusherError ? error.code : 'EDGE_FAILED'
      link.send({
        kind: 'failed',
        code,
        message: error instanceof Error ? error.message : String(error),
      })
    }
  }

  return ended.then(() => void host?.stop())
}

/** Tells the core why no edge will run in this process; resolves when the link has ended. */
export function refuseToRun(pipe: Duplex, { code, message }: RusherError): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const link = createProcessLinkEnd<ToCore, ToEdge>(
    pipe,
    () => undefined,
    () => end(),
  )
  link.send({ kind: 'failed', code, message })
  return ended
}
