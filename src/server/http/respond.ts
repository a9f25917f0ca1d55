import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpMetrics } from '../metrics/metrics.ts'
import { type FaultContext, reportFault } from '../runtime/containment.ts'
import { RequestGone, RequestRefused } from './refusal.ts'
import { discardBody } from './request-body.ts'

export interface ResponseContext extends FaultContext {
  readonly metrics: FaultContext['metrics'] & HttpMetrics
}

/**
 * Runs a request handler and contains its errors: a refusal becomes its answer, a client that
 * disconnected is counted, and any other error is reported and answered with 500. A response that
 * has started is aborted, so that the client sees that it is incomplete.
 */
export function respond(
  parts: ResponseContext,
  request: IncomingMessage,
  response: ServerResponse,
  work: () => Promise<void> | void,
): void {
  // Writing after the client disconnected is not an error.
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
  parts: ResponseContext,
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
  else if (error.code === 'TIMEOUT') parts.metrics.requestRefused('timeout')
  if (response.headersSent) {
    response.destroy()
    return
  }
  const refused =
    error instanceof RequestRefused
      ? error
      : new RequestRefused(500, 'INTERNAL', 'the server failed at this request')
  if (refused.status === 408) {
    // What is left of its body is not waited for.
    if (!response.headersSent) response.setHeader('Connection', 'close')
    return sendRefusal(response, refused)
  }
  discardBody(request, () => {
    // The unread rest of a body would be parsed as the next request.
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

/** Sends JSON text as the response. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'application/json', text)
}

/** Sends a response that is not cached and whose type is not sniffed. */
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
