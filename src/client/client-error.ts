import type { ErrorCode, Refusal } from '../protocol/errors.ts'

/** What goes wrong on this side of the wire, beside the refusals of the server. */
export type ClientErrorCode =
  | ErrorCode
  /** The session ended before the reply; whether the command took effect is not known. */
  | 'DISCONNECTED'
  /** No reply within `timeoutMs`. */
  | 'TIMEOUT'
  /** As many publishes wait as `outboxMax` allows. */
  | 'OUTBOX_FULL'
  /** The client or the channel was closed. */
  | 'CLOSED'
  /** A waiting publish was discarded by `discard`. */
  | 'DISCARDED'
  /** The token function failed. */
  | 'TOKEN_UNAVAILABLE'
  /** The URL is not http(s) or ws(s). */
  | 'BAD_URL'
  /** The runtime has no WebSocket and none was passed. */
  | 'NO_WEB_SOCKET'
  /** A close code of the protocol, by its name, or of WebSocket, by its number. */
  | (string & {})

/** Why a promise of the client was rejected. */
export class ClientError extends Error {
  readonly code: ClientErrorCode
  /** True when asking again may help. */
  readonly retry: boolean

  constructor(code: ClientErrorCode, message: string, retry = false) {
    super(message)
    this.name = 'ClientError'
    this.code = code
    this.retry = retry
  }
}

export function errorOfRefusal(refusal: Refusal): ClientError {
  return new ClientError(refusal.code, refusal.message, refusal.retry)
}
