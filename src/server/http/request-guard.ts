import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostPolicy } from './host-names.ts'
import { type RefusalReporter, type RequestFault, refusalTable } from './refusal-report.ts'

type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void

export interface RequestGuardOptions {
  readonly hosts: HostPolicy
  /** Path prefix of the document routes, which answer with JSON. */
  readonly documentsBase: string
  /** Whether a GET of this URL is only served as a WebSocket. */
  readonly isWebSocketOnly: (url: string, isHandshake: boolean) => boolean
  readonly refusals: Pick<RefusalReporter, 'request' | 'upgrade'>
}

/**
 * Checks every HTTP request first. It refuses an unknown host name, and a GET of a WebSocket path:
 * a proxy that drops `Upgrade` turns an upgrade into such a request.
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
    // The unread rest of a body would be parsed as the next request.
    Connection: 'close',
    'Content-Type': 'text/plain',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(`${body}\n`)
}
