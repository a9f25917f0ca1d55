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

/**
 * Why a server closes a session. The number alone tells a client what to do: 4000-4099 return,
 * 4100-4199 return later, 4400-4499 stay away, except 4401 and 4402, which ask for a new token.
 */
export const closeCodes = {
  SERVER_RESTART: { code: 4000, asks: 'return' },
  SLOW_READER: { code: 4001, asks: 'return' },
  SILENT: { code: 4002, asks: 'return' },
  POSITION_LOST: { code: 4003, asks: 'return' },
  OVERLOADED: { code: 4100, asks: 'later' },
  RATE_EXCEEDED: { code: 4101, asks: 'later' },
  BAD_FRAME: { code: 4400, asks: 'stay away' },
  TOKEN_REFUSED: { code: 4401, asks: 'new token' },
  TOKEN_EXPIRED: { code: 4402, asks: 'new token' },
  CONNECT_EXPECTED: { code: 4405, asks: 'stay away' },
  CONNECT_TIMEOUT: { code: 4408, asks: 'return' },
  FRAME_TOO_LARGE: { code: 1009, asks: 'stay away' },
  VERSION_UNSUPPORTED: { code: 4426, asks: 'stay away' },
} as const satisfies Record<string, { readonly code: number; readonly asks: Return }>

export type CloseReason = keyof typeof closeCodes

/** How long a client stays away, at least, after a close in 4100-4199, in milliseconds. */
export const laterMs = 5_000

/**
 * What a close code asks of a client. Codes that are not ours (1001, 1006, 1011, ...) mean: return.
 * RFC 6455 section 7.4 has those.
 */
export function adviceOfClose(code: number): Return {
  for (const row of Object.values(closeCodes)) if (row.code === code) return row.asks
  if (code >= 4100 && code < 4200) return 'later'
  if (code >= 4400 && code < 4500) return 'stay away'
  return 'return'
}
