import type { Limits } from '../../protocol/index.ts'
import { take } from '../edge/connection/rate-limit.ts'

/** A rate limit per user or address. */
export interface RequestRates {
  /** Takes one token for `who`. Returns 0, or how long to wait in milliseconds. */
  take(who: string): number
}

/**
 * Number of buckets to remember. The least recently used is dropped first and starts full again.
 */
const rememberedMax = 10_000

export function createRequestRates(
  limits: Pick<Limits, 'httpRequestsPerSecond' | 'httpRequestsBurst'>,
  monotonicMs: () => number,
): RequestRates {
  const rate = { perSecond: limits.httpRequestsPerSecond, burst: limits.httpRequestsBurst }
  /** When each bucket is full again, least recently used first. */
  const fullAtMs = new Map<string, number>()

  return {
    take(who) {
      const taken = take(fullAtMs.get(who) ?? 0, monotonicMs(), rate)
      if ('waitMs' in taken) return taken.waitMs
      fullAtMs.delete(who)
      fullAtMs.set(who, taken.fullAtMs)
      const [oldest] = fullAtMs.keys()
      if (fullAtMs.size > rememberedMax && oldest !== undefined) fullAtMs.delete(oldest)
      return 0
    },
  }
}
