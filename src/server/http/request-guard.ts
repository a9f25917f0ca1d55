import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostPolicy } from './host-names.ts'
import { type RefusalReporter, type RequestFault, refusalTable } from './refusal-report.ts'

type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void

export interface RequestGuardOptions {
  readonly hosts: HostPolicy
  /** Path under which documents are served, whose answers are JSON. */
  readonly documentsBase: string
  /** Whether only a WebSocket answers a GET of this address, where it has the rest of a handshake. */
  readonly isWebSocketOnly: (url: string, isHandshake: boolean) => boolean
  readonly refusals: Pick<RefusalReporter, 'request' | 'upgrade'>
}

/**
 * Stands before every HTTP request: one for a name that is not this server's is refused, whatever it
 * asks for, and so is a GET of a WebSocket's path, which a proxy that drops `Upgrade` makes of an
 * upgrade.
 */
export function createRequestGuard(
  { hosts, documentsBase, isWebSocketOnly, refusals }: RequestGuardOptions,
  answer: AnswerRequest,
): AnswerRequest {
  return (request, response) => {
    const { headers, method, url = '/' } = request
    const { origin, host } = headers
    if (!hosts.allows(host)) {
      refusals.request('host', { origin, host })
      if (url.startsWith(`${documentsBase}/`)) return refuseAsJson(response, 'host')
      return refuse(response, 'host', {})
    }
    const isHandshake = headers['sec-websocket-key'] !== undefined
    if ((method === 'GET' || method === 'HEAD') && isWebSocketOnly(url, isHandshake)) {
      refusals.upgrade('no_upgrade', { origin, host })
      const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade, close' }
      return refuse(response, 'no_upgrade', upgrade)
    }
    answer(request, response)
  }
}

function refuseAsJson(response: ServerResponse, fault: RequestFault): void {
  const error = { code: fault.toUpperCase(), message: refusalTable[fault].text }
  refuse(response, fault, { 'Content-Type': 'application/json' }, JSON.stringify({ error }))
}

function refuse(
  response: ServerResponse,
  fault: RequestFault,
  headers: Readonly<Record<string, string>>,
  body: string = refusalTable[fault].text,
): void {
  const { status } = refusalTable[fault]
  response.writeHead(Number(status.slice(0, 3)), {
    // What is left of a body that nobody reads would stand before the next request.
    Connection: 'close',
    'Content-Type': 'text/plain',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(`${body}\n`)
}
