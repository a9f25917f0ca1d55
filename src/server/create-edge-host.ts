import type { Server } from 'node:http'
import { connectPath, type Durability, type Limits, RusherError } from '../protocol/index.ts'
import type { Auth } from './auth/auth.ts'
import { createOpenAuth } from './auth/open-auth.ts'
import { createTokenAuth } from './auth/token-auth.ts'
import type { Clock } from './clock.ts'
import { createEdge, type Edge } from './edge/edge.ts'
import { createHttpListener, type HttpListener, type ListenOptions } from './http/http-listener.ts'
import { createRequests } from './http/requests.ts'
import { createUpgrades } from './http/upgrades.ts'
import type { Port, ToCore } from './link/link.ts'
import type { Log } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { ServerOptions } from './server-options.ts'
import { createWsListener } from './transport/ws-transport.ts'

export interface EdgeHostParts {
  readonly options: ServerOptions
  readonly core: Port<ToCore>
  readonly limits: Limits
  readonly durability: Durability
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly makeId: () => string
  readonly random: () => number
}

/** An edge with what carries it: its listener, its upgrades, its HTTP answers. */
export interface EdgeHost {
  readonly edge: Edge
  /** Resolves to the port. Nothing to do where an existing server was given. */
  listen(options: ListenOptions): Promise<number>
  /** Takes no new connections. */
  closeListener(): void
}

/** Composes one edge: in the process of the core, or in one of its own. */
export async function createEdgeHost(parts: EdgeHostParts): Promise<EdgeHost> {
  const { options, limits } = parts
  const edge = createEdge({
    ...parts,
    auth: await authOf(options, parts),
    permit: options.permit,
  })
  const listener = createWsListener(limits, edge.handlers, edge.open)
  let closed = false
  const upgrades = createUpgrades({
    paths: new Map([[options.path ?? connectPath, listener.upgrade]]),
    origins: options.origins ?? [],
    closed: () =>
      closed || edge.draining
        ? 'draining'
        : edge.sessions >= limits.sessionsMax
          ? 'full'
          : undefined,
    random: parts.random,
    shared: options.httpServer !== undefined,
  })
  if (options.httpServer !== undefined) return onServer(edge, options.httpServer, upgrades)

  const requests = createRequests({ ask: edge.ask, staticDir: options.static })
  const http: HttpListener = createHttpListener(requests, upgrades)
  return {
    edge,
    listen: http.listen,
    closeListener() {
      closed = true
      http.close()
    },
  }
}

function onServer(
  edge: Edge,
  server: Server,
  upgrades: ReturnType<typeof createUpgrades>,
): EdgeHost {
  server.on('upgrade', upgrades)
  return {
    edge,
    listen() {
      const address = server.address()
      return Promise.resolve(typeof address === 'object' && address !== null ? address.port : 0)
    },
    closeListener() {
      server.off('upgrade', upgrades)
    },
  }
}

function authOf(
  { auth = 'open' }: ServerOptions,
  { makeId, clock }: EdgeHostParts,
): Auth | Promise<Auth> {
  if (auth === 'open') return createOpenAuth(makeId)
  if (typeof auth === 'string') {
    throw new RusherError(
      'CONFIG',
      `auth is '${String(auth)}'; it can be 'open', token options, or an auth of your own`,
    )
  }
  return 'identify' in auth ? auth : createTokenAuth(auth, clock.now)
}
