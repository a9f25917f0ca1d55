/**
 * A token bucket that is one number: the time at which it will be full again (the generic cell rate algorithm, ITU-T
 * I.371). `perSecond` on average, `burst` at once.
 */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Takes one. Gives the bucket's new number, or how long to wait, in milliseconds, when there is nothing to take. */
export function take(
  fullAtMs: number,
  nowMs: number,
  rate: Rate,
): { readonly fullAtMs: number } | { readonly waitMs: number } {
  const costMs = 1_000 / rate.perSecond
  const next = Math.max(fullAtMs, nowMs) + costMs
  const waitMs = next - nowMs - costMs * rate.burst
  return waitMs > 0 ? { waitMs: Math.ceil(waitMs) } : { fullAtMs: next }
}
