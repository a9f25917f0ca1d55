import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Limits, RusherError } from '../../protocol/index.ts'
import type { Log } from '../log/log.ts'
import type { HttpMetrics } from '../metrics/metrics.ts'
import { listenOnUnixSocket } from './unix-socket.ts'

// An import of `node:http` also evaluates what it exports of undici: 6 MB in each process, for clients that are never made.
const { createServer } = process.getBuiltinModule('node:http')

export interface ListenOptions {
  readonly port: number
  readonly host: string
  /** Path of a Unix socket to listen on instead. */
  readonly unixSocket?: string | undefined
  /** Several processes listen on the same port, and the kernel shares the connections out. */
  readonly reusePort: boolean
}

/** The kernel takes the smaller of this and its own limit; Node's 511 makes clients of a storm wait a second and more. */
const backlog = 65_535
const headersMax = 64

export interface HttpListenerOptions {
  /** Handles a request; must not throw. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  /** Handles an upgrade; must not throw. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly connectionsMax: number
  /** Node checks these timeouts once a second, without a timer per socket. */
  readonly limits: Pick<
    Limits,
    'httpHeaderBytesMax' | 'httpHeadersMs' | 'httpRequestMs' | 'httpKeepAliveMs'
  >
  readonly log: Log
  readonly metrics: HttpMetrics
}

export interface HttpListener {
  /** Undefined where the embedding program passes upgrades and requests itself. */
  readonly server: Server | undefined
  /**
   * Resolves to the port that it listens on; 0 where there is none. Rejects with a RusherError that
   * says what to do.
   */
  listen(options: ListenOptions): Promise<number>
  /**
   * From now on the kernel takes no new connection while another waits; whoever comes then knocks again after a second (RFC 6298 section
   * 2.1) and, once this listener has stopped, finds another. Until it listens or stops. Where Node does not give its socket away, nothing
   * changes.
   */
  holdOff(): void
  /**
   * Stops listening; connections that are there stay, but for idle ones that were not upgraded. The kernel resets what waits to be accepted,
   * unless `net.ipv4.tcp_migrate_req` is 1 (Linux 5.14): then another listener of the port gets it.
   */
  pause(): void
  /** Takes no new connection, and ends those that were not upgraded. */
  close(): void
}

/** Only a WebSocket counts as an upgrade; Java's HTTP client offers `h2c` with every request. */
export function isUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Node's HTTP server with a bound on all that a stranger can make it hold. Connections beyond `connectionsMax` are dropped unheard,
 * upgraded ones among them.
 */
export function createHttpListener(
  options: HttpListenerOptions,
): HttpListener & { readonly server: Server } {
  const { limits } = options
  const server = createServer({
    maxHeaderSize: limits.httpHeaderBytesMax,
    headersTimeout: Math.min(limits.httpHeadersMs, limits.httpRequestMs),
    requestTimeout: limits.httpRequestMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: limits.httpKeepAliveMs,
    noDelay: true,
    // Since Node 24.9; earlier versions refuse an upgrade to another protocol.
    shouldUpgradeCallback: isUpgrade,
  })
  server.maxHeadersCount = headersMax
  server.maxConnections = options.connectionsMax
  server.on('request', options.onRequest)
  server.on('upgrade', options.onUpgrade)
  server.on('clientError', createBadRequests(options))
  // A failed accept affects one connection only. `listen` reports errors of listening itself.
  server.on('error', (error) => {
    if (server.listening) options.log.error({ err: error }, 'a connection could not be accepted')
  })

  return {
    server,
    listen: (options) => listen(server, options),
    holdOff: () => setBacklog(server, 0),
    pause: () => void server.close(),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** listen(2) on a socket that listens changes how many may wait. Node has no way of its own for that. */
function setBacklog(server: Server, waitingMax: number): void {
  const { _handle: handle } = server as unknown as {
    readonly _handle: { readonly listen?: (waitingMax: number) => number } | null
  }
  handle?.listen?.(waitingMax)
}

function listen(server: Server, options: ListenOptions): Promise<number> {
  const { port, host, reusePort, unixSocket } = options
  if (server.listening) {
    setBacklog(server, backlog)
    return Promise.resolve(port)
  }
  if (unixSocket !== undefined) return listenOnUnixSocket(server, unixSocket, backlog)
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException): void => reject(listenError(cause, options))
    server.once('error', refused)
    server.listen({ port, host, backlog, ...(reusePort ? { reusePort } : {}) }, () => {
      server.off('error', refused)
      resolve(portOf(server) ?? port)
    })
  })
}

/** The port on which a server listens; undefined where it does not, or on a Unix socket. */
export function portOf(server: Server): number | undefined {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}

/** Says what to do about a port or an address that cannot be listened on. */
export function listenError(
  cause: NodeJS.ErrnoException,
  { port, host }: ListenOptions,
): RusherError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new RusherError(
        'PORT_IN_USE',
        `port ${port} on ${host} is in use: stop what listens there, or choose another with --port (0 takes a free one)`,
        { cause },
      )
    case 'EACCES':
      return new RusherError(
        'PORT_DENIED',
        `port ${port} needs more rights than this process has: use one from 1024 on`,
        {
          cause,
        },
      )
    case 'ENOTSUP':
      return new RusherError(
        'EDGES_UNSUPPORTED',
        'several processes cannot share a port on this system: leave out --edges and --capacity',
        { cause },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new RusherError(
        'HOST_UNKNOWN',
        `${host} is no address of this machine: check --host`,
        { cause },
      )
    default:
      return new RusherError(
        'LISTEN_FAILED',
        `cannot listen on ${host}:${port}: ${cause.message}`,
        { cause },
      )
  }
}

interface BadRequest {
  readonly status: string
  readonly reason: string
}

const badRequests: Readonly<Record<string, BadRequest>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', reason: 'headers' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', reason: 'timeout' },
}
const malformed: BadRequest = { status: '400 Bad Request', reason: 'malformed' }

/**
 * Answers requests that Node could not parse. Logs a 431, since a user cannot see its usual cause:
 * large cookies.
 */
function createBadRequests({
  limits,
  log,
  metrics,
}: HttpListenerOptions): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  let isHinted = false

  return (error, socket) => {
    // A connection that timed out without sending anything gets no answer.
    const isSilent = 'bytesRead' in socket && socket.bytesRead === 0
    if (error.code === 'ECONNRESET' || !socket.writable || isSilent) {
      socket.destroy()
      return
    }
    const { status, reason } = badRequests[error.code ?? ''] ?? malformed
    metrics.requestRefused(reason)
    if (reason === 'headers' && !isHinted) {
      isHinted = true
      log.warn(
        { limit: 'httpHeaderBytesMax', bytes: limits.httpHeaderBytesMax },
        'request refused with 431: its headers are too large. The usual cause is cookies from the same host; clear them or raise limits.httpHeaderBytesMax',
      )
    }
    socket.once('finish', () => socket.destroy())
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
}
