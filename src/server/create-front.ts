import type { ChildProcess } from 'node:child_process'
import type { Server } from 'node:http'
import { availableParallelism } from 'node:os'
import { type Durability, type Limits, RusherError } from '../protocol/index.ts'
import type { Core } from './core/core.ts'
import { createEdgeHost, type EdgeHost, type ToEdgeHost } from './create-edge-host.ts'
import { portOf } from './http/http-listener.ts'
import { createDirectLink } from './link/direct-link.ts'
import type { Port, ToCore, ToEdge } from './link/link.ts'
import { silentLog } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createEdgeProcesses, type EdgeProcesses } from './processes/edge-processes.ts'
import type { Rolled, RollOptions } from './processes/rolling-restart.ts'
import { systemClock } from './runtime/clock.ts'
import { contain, reportFault } from './runtime/containment.ts'
import { largeBytesOf, type ServerOptions } from './server-options.ts'
import { worldOf } from './world.ts'

/**
 * How a server is split over processes. `launch` starts one edge process whose fourth stdio entry is
 * the pipe of the link.
 */
export interface EdgesOptions {
  readonly count: number
  readonly launch: (index: number) => ChildProcess
  /** How many edges with room listen at a time. Default: one per processor, at least two. */
  readonly listenersMax?: number
}

/** What faces the clients: an edge in this process, or edge processes. */
export interface Front extends Pick<EdgeHost, 'handleUpgrade' | 'handleRequest'> {
  readonly url: string | undefined
  readonly port: number
  readonly sessions: number
  roll?(options: RollOptions): Promise<Rolled>
  closeListener(): void
  drain(spreadMs: number): Promise<void>
  stop(): number
}

interface FrontContext {
  readonly core: Core
  readonly limits: Limits
  readonly metrics: Metrics
  readonly durability: Durability
}

/** Throws CONFIG if the options say two ways to get connections, or one that edge processes lack. */
export function checkListening(
  { httpServer, listen, unixSocket }: ServerOptions,
  edges: EdgesOptions | undefined,
): void {
  const given = [
    ...(httpServer === undefined ? [] : ['httpServer']),
    ...(listen === false ? ['listen: false'] : []),
    ...(unixSocket === undefined ? [] : ['unixSocket']),
  ]
  const [first, second] = given
  if (first === undefined) return
  if (second !== undefined) {
    throw new RusherError('CONFIG', `${first} and ${second} exclude each other: give one of them`)
  }
  if (edges !== undefined) {
    throw new RusherError(
      'CONFIG',
      `${first} is not possible with edge processes, which share a port and accept connections themselves: leave out edges and capacity`,
    )
  }
}

/** Starts what faces the clients. Rejects with a RusherError where it cannot listen. */
export function createFront(
  options: ServerOptions,
  edges: EdgesOptions | undefined,
  parts: FrontContext,
): Promise<Front> {
  return edges === undefined ? frontInside(options, parts) : frontOfProcesses(options, edges, parts)
}

async function frontInside(options: ServerOptions, parts: FrontContext): Promise<Front> {
  const { core, metrics } = parts
  let toEdge: (message: ToEdge) => void = () => undefined
  const faults = { log: options.log ?? silentLog, metrics }
  const link = createDirectLink({
    toCore,
    toEdge: (message) => toEdge(message),
    failed: (error) => reportFault(faults, 'link', error),
  })
  const attached = core.attach(link.edge)

  function toCore(message: ToCore): void {
    if (message.kind !== 'metrics') return attached.receive(message)
    const { call } = message
    const measured = metrics
      .collect()
      .then((own) => metrics.merge([own]))
      .then((text) => link.edge.send({ kind: 'answer', call, answer: { kind: 'metrics', text } }))
    contain(faults, 'call', measured)
  }

  const host = await createEdgeHost({
    ...parts,
    ...worldOf(options),
    options,
    core: link.core satisfies Port<ToCore>,
  })
  // A separate process would take the rest.
  toEdge = (message) => host.receive(message as ToEdgeHost)
  const { httpServer, unixSocket } = options
  const at = addressOf(options)
  const port = await host
    .listen({ ...at, unixSocket, reusePort: false })
    .catch((error: unknown) => {
      host.stop()
      attached.detach()
      throw error
    })
  return {
    get url() {
      return httpServer === undefined ? urlOf(at.host, port) : urlOfServer(httpServer)
    },
    get port() {
      return httpServer === undefined ? port : (portOf(httpServer) ?? 0)
    },
    handleUpgrade: host.handleUpgrade,
    handleRequest: host.handleRequest,
    get sessions() {
      return host.sessions
    },
    closeListener: host.closeListener,
    drain: host.drain,
    stop() {
      const left = host.stop()
      attached.detach()
      return left
    },
  }
}

async function frontOfProcesses(
  options: ServerOptions,
  { count, launch, listenersMax = Math.max(2, availableParallelism()) }: EdgesOptions,
  { core, metrics, durability }: FrontContext,
): Promise<Front> {
  const processes: EdgeProcesses = createEdgeProcesses({
    count,
    launch,
    listenersMax,
    largeBytesMax: largeBytesOf(options.limits),
    core,
    durability,
    metrics,
    log: options.log ?? silentLog,
    clock: systemClock,
  })
  const at = addressOf(options)
  const port = await processes.start(at)
  return {
    url: urlOf(at.host, port),
    port,
    handleUpgrade: refuseHandling,
    handleRequest: refuseHandling,
    get sessions() {
      return processes.sessions
    },
    roll: processes.roll,
    // An edge closes its own listener as the first act of its drain.
    closeListener: () => undefined,
    drain: processes.drain,
    stop: processes.stop,
  }
}

/** Of a server with edge processes: this process accepts no connection. */
function refuseHandling(): never {
  throw new RusherError(
    'EDGES_UNSUPPORTED',
    'a server with edge processes accepts its connections itself: leave out edges to pass upgrades and requests to it',
  )
}

function addressOf({ port = 8080, host = '127.0.0.1' }: ServerOptions): {
  port: number
  host: string
} {
  return { port, host }
}

/** Where clients connect to an HTTP server of the program; undefined while it does not listen. */
function urlOfServer(server: Server): string | undefined {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return undefined
  const isWildcard = address.address === '::' || address.address === '0.0.0.0'
  const scheme = 'setSecureContext' in server ? 'https' : 'http'
  return urlOf(isWildcard ? '127.0.0.1' : address.address, address.port, scheme)
}

function urlOf(host: string, port: number, scheme = 'http'): string | undefined {
  if (port === 0) return undefined
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
