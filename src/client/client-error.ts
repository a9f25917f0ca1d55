import type { ErrorCode, Refusal } from '../protocol/errors.ts'

/** What was refused in a channel: a publish where there is an `id`, else the channel or a signal. */
export interface ChannelFault {
  readonly code: ClientErrorCode
  readonly message: string
  /** True when asking again may help. */
  readonly retry: boolean
  readonly retryAfterMs?: number
  /** The publish that failed; it is in `pending` for `retry` or `discard`, unless it was a CONFLICT. */
  readonly id?: string
}

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
  /** The storage of the client's store failed: what waits would not survive a reload. */
  | 'STORE_FAILED'
  /** The storage of the client's store is full. */
  | 'STORE_FULL'
  /** Another client uses the data of this user. */
  | 'STORE_LOCKED'
  /** Publishes in the store belong to another user than the server admitted. */
  | 'USER_CHANGED'
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

/**
 * A refusal that the client makes itself, of what the server would refuse too. The table of error
 * codes is not asked, so that a browser need not load it.
 */
export function refuseHere(
  code: 'BAD_COMMAND' | 'BAD_CHANNEL' | 'TOO_LARGE',
  message: string,
): Refusal {
  return { code, message, retry: false }
}

export function errorOfRefusal(refusal: ChannelFault): ClientError {
  return new ClientError(refusal.code, refusal.message, refusal.retry)
}

/** What a channel tells of a publish that failed. */
export function faultOf({ code, message, retry }: ClientError, id: string): ChannelFault {
  return { code, message, retry, id }
}
