import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FaultParts, reportFault } from '../containment.ts'
import type { HttpMetrics } from '../metrics/metrics.ts'
import { RequestGone, RequestRefused } from './refusal.ts'
import { discardBody } from './request-body.ts'

export interface RespondingParts extends FaultParts {
  readonly metrics: FaultParts['metrics'] & HttpMetrics
}

/**
 * Runs what answers a request, so that nothing it throws or rejects with gets further: a refusal is answered as such, a client that
 * went away is counted, and any other fault is reported and answered with 500. A response that has begun is cut off, which is how its
 * reader learns that it is not complete.
 */
export function respond(
  parts: RespondingParts,
  request: IncomingMessage,
  response: ServerResponse,
  work: () => Promise<void> | void,
): void {
  // A write after the client has gone is no fault of anybody.
  response.on('error', () => undefined)
  const failed = (error: unknown): void => {
    try {
      fail(parts, request, response, error)
    } catch (again) {
      reportFault(parts, 'http', again)
      response.destroy()
    }
  }
  try {
    work()?.catch(failed)
  } catch (error) {
    failed(error)
  }
}

function fail(
  parts: RespondingParts,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (error instanceof RequestGone) {
    parts.metrics.requestRefused('gone')
    response.destroy()
    return
  }
  if (!(error instanceof RequestRefused)) reportFault(parts, 'http', error)
  else if (error.code === 'BUSY') parts.metrics.requestRefused('busy')
  else if (error.code === 'RATE_LIMITED') parts.metrics.requestRefused('rate')
  if (response.headersSent) {
    response.destroy()
    return
  }
  const refused =
    error instanceof RequestRefused
      ? error
      : new RequestRefused(500, 'INTERNAL', 'internal server error')
  discardBody(request, () => {
    // What is left of a body that nobody reads would stand before the next request.
    if (!request.complete && !response.headersSent) response.setHeader('Connection', 'close')
    sendRefusal(response, refused)
  })
}

function sendRefusal(
  response: ServerResponse,
  { status, code, message, retryAfterS }: RequestRefused,
): void {
  if (response.headersSent || response.destroyed) return
  if (retryAfterS !== undefined) response.setHeader('Retry-After', retryAfterS)
  sendJson(response, status, `${JSON.stringify({ error: { code, message } })}\n`)
}

/** Sends JSON text. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'application/json', text)
}

/** Sends content that nobody keeps and no browser guesses the type of. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Uint8Array,
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(content)
}
