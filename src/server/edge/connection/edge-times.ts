/** Times inside an edge that no peer can change, in milliseconds. */
export const edgeTimes = {
  wheelTickMs: 250,
  wheelSlots: 512,
  retryReadsEveryMs: 1_000,
  /** How long before its end a session is told to renew its token. */
  warnMs: 60_000,
  /** How long a permission is believed. */
  permitBelievedMs: 30_000,
  /** Interval between permission checks of an open session, in milliseconds. */
  recheckMs: 30_000,
  /** How long an authorizer or a permission may take. */
  authMs: 5_000,
} as const

/**
 * How long before its expiry a token is requested again, in milliseconds: at most `mostMs`, and at
 * most half of the remaining lifetime. So a client that resends the same token is not asked in a
 * loop.
 */
export function warnBefore(leftMs: number, mostMs: number): number {
  return Math.min(mostMs, Math.floor(Math.max(0, leftMs) / 2))
}
