export const backoffMinMs = 500
export const backoffMaxMs = 20_000

/**
 * How long to wait after `failures` failures in a row. The whole delay above the minimum is random, so that clients that lost
 * the same server do not come back together.
 */
export function backoffMs(failures: number, random: () => number): number {
  const spread = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(failures, 16))
  return backoffMinMs + random() * spread
}
