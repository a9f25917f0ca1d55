import type { Limits } from '../../protocol/index.ts'
import { take } from '../edge/rate-limit.ts'

/** How often each user or address may ask. */
export interface RequestRates {
  /** Takes one of somebody's requests. Gives how long to wait, in milliseconds, where there is none; 0 otherwise. */
  take(who: string): number
}

/** Those that have asked lately and are remembered. Whoever asked least lately is forgotten first, and then has a full bucket. */
const rememberedMax = 10_000

export function createRequestRates(
  limits: Pick<Limits, 'httpRequestsPerSecond' | 'httpRequestsBurst'>,
  monotonicMs: () => number,
): RequestRates {
  const rate = { perSecond: limits.httpRequestsPerSecond, burst: limits.httpRequestsBurst }
  /** When each bucket is full again; who asked last stands last. */
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
