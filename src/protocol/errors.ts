import { type CloseReason, closeCodes } from './close-codes.ts'

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

/** Why a server closes a session, in words: for the reason of the close frame. */
const closeTexts: Readonly<Record<CloseReason, string>> = {
  SERVER_RESTART: 'the server restarts',
  SLOW_READER: 'the session did not read what was sent',
  SILENT: 'no answer to a ping',
  POSITION_LOST: 'events did not follow one another; resume',
  OVERLOADED: 'the server holds as many sessions as it can',
  RATE_EXCEEDED: 'commands went on far beyond the rate',
  BAD_FRAME: 'a frame was not what the protocol allows',
  TOKEN_REFUSED: 'the token was refused',
  TOKEN_EXPIRED: 'the token expired and was not renewed',
  CONNECT_EXPECTED: 'the first command must be connect',
  CONNECT_TIMEOUT: 'connect did not come in time',
  FRAME_TOO_LARGE: 'the frame is too large',
  VERSION_UNSUPPORTED: 'the server does not speak that protocol version',
}

/** The close codes, with what each asks of a client and its text. A client needs only the codes. */
export const closeTable = Object.fromEntries(
  Object.entries(closeCodes).map(([reason, row]) => [
    reason,
    { ...row, text: closeTexts[reason as CloseReason] },
  ]),
) as { readonly [Reason in CloseReason]: (typeof closeCodes)[Reason] & { readonly text: string } }

/** A fault of the world (disk, network, configuration), with a stable code and its cause. */
export class RusherError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RusherError'
    this.code = code
  }
}
