/** What a refused client should do next. */
export type Advice =
  /** The same command can be sent again, after `retryAfterMs` where it is given. */
  | 'retry'
  /** The same command would be refused again. */
  | 'change'

interface ErrorRow {
  readonly advice: Advice
  readonly text: string
}

/** Refusals of one command. The session goes on. PROTOCOL.md has a heading for each. */
export const errorTable = {
  BAD_COMMAND: {
    advice: 'change',
    text: 'the command is malformed, or the channel kind does not know it',
  },
  UNKNOWN_TYPE: { advice: 'change', text: 'this server has no command of that type' },
  BAD_CHANNEL: {
    advice: 'change',
    text: 'that is not a channel name, or nothing here serves it',
  },
  DENIED: { advice: 'change', text: 'this user may not do that in this channel' },
  NOT_FOUND: { advice: 'change', text: 'what the command refers to does not exist' },
  TOO_LARGE: { advice: 'change', text: 'the body is larger than the server takes' },
  TOO_MANY_CHANNELS: { advice: 'change', text: 'the session is in as many channels as it may be' },
  ID_REUSED: { advice: 'change', text: 'this id was already used for another body' },
  CONFLICT: { advice: 'change', text: 'the log has moved on from the expected offset' },
  TOKEN_REFUSED: { advice: 'change', text: 'the token was refused' },
  RATE_LIMITED: { advice: 'retry', text: 'too many commands; wait' },
  BUSY: { advice: 'retry', text: 'the server has more waiting than it takes; wait' },
  STORAGE_FULL: { advice: 'retry', text: 'the disk is full; nothing was written' },
  STORAGE_UNAVAILABLE: { advice: 'retry', text: 'the storage did not answer; nothing was written' },
  OUTCOME_UNKNOWN: {
    advice: 'retry',
    text: 'it may or may not be stored; send it again with the same id',
  },
  INTERNAL: { advice: 'retry', text: 'the server failed at this command' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable

/** A refusal of one command, as it travels. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  /** True when the same command can be sent again. */
  readonly retry: boolean
  readonly retryAfterMs?: number
}

/** Makes a refusal; `detail` replaces the table's text where it can say more. */
export function refuse(code: ErrorCode, detail?: string, retryAfterMs?: number): Refusal {
  const row = errorTable[code]
  return {
    code,
    message: detail ?? row.text,
    retry: row.advice === 'retry',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** What a client does when its session is closed. */
export type Return =
  /** Connect again with the usual backoff. */
  | 'return'
  /** Connect again, but not before `laterMs` has passed. */
  | 'later'
  /** Connect again only with a new token. */
  | 'new token'
  /** Do not connect again: the same thing would be refused again. */
  | 'stay away'

interface CloseRow {
  readonly code: number
  readonly asks: Return
  readonly text: string
}

/**
 * Why a server closes a session. The number alone tells a client what to do: 4000-4099 return, 4100-4199 return
 * later, 4400-4499 stay away, except 4401 and 4402, which ask for a new token.
 */
export const closeTable = {
  SERVER_RESTART: { code: 4000, asks: 'return', text: 'the server restarts' },
  SLOW_READER: { code: 4001, asks: 'return', text: 'the session did not read what was sent' },
  SILENT: { code: 4002, asks: 'return', text: 'no answer to a ping' },
  POSITION_LOST: { code: 4003, asks: 'return', text: 'events did not follow one another; resume' },
  OVERLOADED: { code: 4100, asks: 'later', text: 'the server holds as many sessions as it can' },
  RATE_EXCEEDED: { code: 4101, asks: 'later', text: 'commands went on far beyond the rate' },
  BAD_FRAME: { code: 4400, asks: 'stay away', text: 'a frame was not what the protocol allows' },
  TOKEN_REFUSED: { code: 4401, asks: 'new token', text: 'the token was refused' },
  TOKEN_EXPIRED: { code: 4402, asks: 'new token', text: 'the token expired and was not renewed' },
  CONNECT_EXPECTED: { code: 4405, asks: 'stay away', text: 'the first command must be connect' },
  CONNECT_TIMEOUT: { code: 4408, asks: 'return', text: 'connect did not come in time' },
  FRAME_TOO_LARGE: {
    code: 1009,
    asks: 'stay away',
    text: 'the frame is too large',
  },
  VERSION_UNSUPPORTED: {
    code: 4426,
    asks: 'stay away',
    text: 'the server does not speak that protocol version',
  },
} as const satisfies Record<string, CloseRow>

export type CloseReason = keyof typeof closeTable

/** How long a client stays away, at least, after a close in 4100-4199, in milliseconds. */
export const laterMs = 5_000

/**
 * What a close code asks of a client. Codes that are not ours (1001, 1006, 1011, ...) mean: return.
 * RFC 6455 section 7.4 has those.
 */
export function adviceOfClose(code: number): Return {
  for (const row of Object.values(closeTable)) if (row.code === code) return row.asks
  if (code >= 4100 && code < 4200) return 'later'
  if (code >= 4400 && code < 4500) return 'stay away'
  return 'return'
}

/** A fault of the world (disk, network, configuration), with a stable code and its cause. */
export class RusherError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RusherError'
    this.code = code
  }
}
