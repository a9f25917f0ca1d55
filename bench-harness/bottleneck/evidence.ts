import type { Environment, Limiter, RunEvent, Second } from '../bundle/bundle.ts'
import type { Cause } from '../ledger/ledger.ts'

/** All that is known of a run when its bottleneck is looked for. */
export interface Evidence {
  readonly seconds: readonly Second[]
  readonly events: readonly RunEvent[]
  readonly environment?: Pick<Environment, 'hosts' | 'server'>
  /**
   * A threshold was not met, or the run is invalid: then there was a bottleneck even if no
   * connection failed.
   */
  readonly missed: boolean
}

/** A limiter, and the second in which it began to be one. */
export interface Began {
  readonly t: number
  readonly limiter: Limiter
}

/** When a cause was first seen, and how often in all. */
export interface CauseSeen {
  readonly cause: Cause
  readonly t: number
  readonly count: number
}

/**
 * Every cause of the run, the first that was seen first; of several in one second the most
 * frequent.
 */
export function causesSeen(seconds: readonly Second[]): CauseSeen[] {
  const first = new Map<Cause, number>()
  for (const { t, ledger } of seconds) {
    for (const [cause, count] of Object.entries(ledger.failed) as [Cause, number][])
      if (count > 0 && !first.has(cause)) first.set(cause, t)
  }
  const last = seconds.at(-1)?.ledger.failed ?? {}
  return [...first]
    .map(([cause, t]) => ({ cause, t, count: last[cause] ?? 0 }))
    .sort((a, b) => a.t - b.t || b.count - a.count)
}

/** Growth of a counter of the server's kernel over the run; 0 when it was not read. */
export function growthOf(seconds: readonly Second[], name: string): number {
  return Math.max(0, ...seconds.map(({ server }) => server?.counters?.[name] ?? 0))
}

/** `ListenOverflows +3,203` for each that grew. */
export function growthText(seconds: readonly Second[], names: readonly string[]): string {
  return names
    .map((name) => ({ name, growth: growthOf(seconds, name) }))
    .filter(({ growth }) => growth > 0)
    .map(({ name, growth }) => `${name} +${grouped(growth)}`)
    .join(', ')
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
