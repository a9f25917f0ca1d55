import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusedUpgrade } from './upgrade-gate.ts'

/** Takes an upgrade whose path, origin and place were granted. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface UpgradeOptions {
  /** What answers on a path; undefined where nothing does. */
  readonly route: (path: string) => TakeUpgrade | undefined
  /** Origins that may connect besides the server's own; `*` for all. */
  readonly origins: readonly string[]
  /** Why nobody is taken now; undefined when there is room. */
  readonly refuses: () => RefusedUpgrade | undefined
  /** Whether somebody else takes upgrades of the same server: paths that are not ours are left to them. */
  readonly shared: () => boolean
}

/**
 * Answers an upgrade request: to its dialect, or with a refusal before anything is upgraded. A page of another site must not
 * open sessions in its visitor's name (CWE-1385), so an Origin that is neither this host nor listed is refused; a client that is no
 * browser sends none.
 */
export function createUpgrades(options: UpgradeOptions): TakeUpgrade {
  return (request, socket, head) => {
    const take = options.route(pathOf(request))
    if (take === undefined) {
      if (!options.shared()) refuse(socket, '404 Not Found', 'no WebSocket endpoint at this path')
      return
    }
    if (!originAllowed(request, options.origins)) {
      return refuse(
        socket,
        '403 Forbidden',
        'this origin is not allowed: list it in `origins` of the server configuration',
      )
    }
    const refused = options.refuses()
    if (refused !== undefined) {
      const { text, retryAfterS } = refused
      const when = `Retry-After: ${retryAfterS}\r\n`
      return refuse(socket, '503 Service Unavailable', text, when)
    }
    take(request, socket, head)
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/'
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** Whether a page may ask: it is this host's own, or listed. What is no page sends no origin. */
export function originAllowed(
  { headers }: Pick<IncomingMessage, 'headers'>,
  origins: readonly string[],
): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true
  if (host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}

function refuse(socket: Duplex, status: string, text: string, headers = ''): void {
  const body = `${text}\n`
  socket.on('error', ignoreReset)
  // Without this a peer that keeps its half open would keep the descriptor for ever.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** A peer that resets before it is answered takes nothing with it. */
function ignoreReset(this: Duplex): void {
  this.destroy()
}
