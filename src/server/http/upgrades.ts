import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusedUpgrade } from '../admission/upgrade-gate.ts'
import { type FaultContext, runContained } from '../runtime/containment.ts'
import type { HostPolicy } from './host-names.ts'
import type { OriginPolicy } from './origins.ts'
import { type RefusalReporter, type RequestFault, refusalTable } from './refusal-report.ts'

/** Takes an upgrade whose path, origin and place were granted. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface UpgradeOptions extends FaultContext {
  /** What answers on a path; undefined where nothing does. */
  readonly route: (path: string) => TakeUpgrade | undefined
  readonly hosts: HostPolicy
  readonly origins: Pick<OriginPolicy, 'allows'>
  /** Why nobody is taken now; undefined when there is room. */
  readonly refuses: () => RefusedUpgrade | undefined
  readonly refusals: Pick<RefusalReporter, 'upgrade'>
}

/** The upgrades of one HTTP server, of which some are for this server. Nothing here throws. */
export interface Upgrades {
  /** Whether something of this server answers on the path of a request. */
  owns(request: Pick<IncomingMessage, 'url'>): boolean
  /**
   * Takes or refuses an upgrade at a path of this server. At any other path it returns false, and
   * does nothing.
   */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Answers an upgrade at an unknown path with 404. */
  refuseUnknown(request: IncomingMessage, socket: Duplex): void
}

/**
 * Routes an upgrade request to its dialect, or refuses it before the upgrade. To prevent cross-site
 * WebSocket hijacking (CWE-1385), an Origin that is neither this host nor listed is refused;
 * clients other than browsers send no Origin. To prevent DNS rebinding (CWE-350), an unknown Host
 * is refused where that check applies.
 */
export function createUpgrades(options: UpgradeOptions): Upgrades {
  function answer(take: TakeUpgrade, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = faultOf(request, options)
    if (fault !== undefined) return refuseFor(fault, request, socket)
    const refused = options.refuses()
    if (refused !== undefined) {
      const { text, retryAfterS, reason } = refused
      options.refusals.upgrade(reason, {})
      const when = `Retry-After: ${retryAfterS}\r\n`
      return refuse(socket, '503 Service Unavailable', text, when)
    }
    take(request, socket, head)
  }

  function refuseFor(fault: RequestFault, request: IncomingMessage, socket: Duplex): void {
    const { status, text } = refusalTable[fault]
    const { origin, host } = request.headers
    options.refusals.upgrade(fault, { origin, host, ...(fault === 'path' ? named(request) : {}) })
    refuse(socket, status, text, headersOf[fault])
  }

  return {
    owns: (request) => options.route(pathOf(request)) !== undefined,
    take(request, socket, head) {
      const take = options.route(pathOf(request))
      if (take === undefined) return false
      const act = (): void => answer(take, request, socket, head)
      runContained(options, 'upgrade', act, () => socket.destroy())
      return true
    },
    refuseUnknown(request, socket) {
      const act = (): void => refuseFor('path', request, socket)
      runContained(options, 'upgrade', act, () => socket.destroy())
    },
  }
}

/** Additional headers of a refusal. */
const headersOf: Readonly<Partial<Record<RequestFault, string>>> = {
  method: 'Allow: GET\r\n',
  no_upgrade: 'Upgrade: websocket\r\n',
  version: 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
}

/** Checks RFC 6455 sections 4.1 and 4.2.1, except what Node has already checked. */
function faultOf(
  request: IncomingMessage,
  { hosts, origins }: Pick<UpgradeOptions, 'hosts' | 'origins'>,
): RequestFault | undefined {
  const { headers, httpVersion, method } = request
  if (httpVersion !== '1.1') return 'http_version'
  if (headers.host === undefined) return 'no_host'
  if (!hosts.allows(headers.host)) return 'host'
  if (method !== 'GET') return 'method'
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'no_upgrade'
  if (headers['sec-websocket-version'] !== '13') return 'version'
  if (!isKey(headers['sec-websocket-key'])) return 'key'
  return origins.allows(headers) ? undefined : 'origin'
}

function isKey(key: string | undefined): boolean {
  return key !== undefined && /^[+/\dA-Za-z]{22}==$/.test(key)
}

function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** The path for the log, without its query, which may contain a token. */
function named(request: IncomingMessage): { readonly url: string } {
  return { url: pathOf(request) }
}

function refuse(socket: Duplex, status: string, text: string, headers = ''): void {
  const body = `${text}\n`
  const connection = headers.startsWith('Upgrade:') ? 'Upgrade, close' : 'close'
  socket.on('error', ignoreReset)
  // Without this a peer that keeps its half open would keep the descriptor for ever.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: ${connection}\r\nContent-Type: text/plain\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** A peer that resets before it is answered takes nothing with it. */
function ignoreReset(this: Duplex): void {
  this.destroy()
}
