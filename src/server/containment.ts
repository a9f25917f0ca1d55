import type { Clock } from './clock.ts'
import type { Log } from './log/log.ts'
import type { FaultMetrics } from './metrics/metrics.ts'

/** What was at work when a fault of ours was contained: a label of `rusher_internal_errors_total`. */
export type FaultPlace =
  | 'http'
  | 'upgrade'
  | 'frame'
  | 'command'
  | 'document'
  | 'link'
  | 'call'
  | 'timer'
  | 'worker'
  | 'edge process'

/** What a contained fault is told to. */
export interface FaultParts {
  readonly log: Log
  readonly metrics: FaultMetrics
}

/** Logs a fault of ours with its cause, and counts it. Whoever waited for an answer is answered by the caller. */
export function reportFault({ log, metrics }: FaultParts, place: FaultPlace, error: unknown): void {
  metrics.internalError(place)
  log.error({ err: error, place }, 'internal error contained; only the affected operation failed')
}

/**
 * Lets a promise run that nobody waits for. One that rejects is reported and ends nothing else. `failed` answers whoever waits, and lets
 * go of what was held; it is called after the report.
 */
export function contain(
  parts: FaultParts,
  place: FaultPlace,
  promise: Promise<unknown>,
  failed?: (error: unknown) => void,
): void {
  promise.catch((error: unknown) => {
    reportFault(parts, place, error)
    if (failed !== undefined) runContained(parts, place, () => failed(error))
  })
}

/** Calls `act` now. What it throws is reported, and then `failed` is called. */
export function runContained(
  parts: FaultParts,
  place: FaultPlace,
  act: () => void,
  failed?: (error: unknown) => void,
): void {
  try {
    act()
  } catch (error) {
    reportFault(parts, place, error)
    if (failed !== undefined) runContained(parts, place, () => failed(error))
  }
}

/** A listener, or what a timer runs, that reports what `act` throws. `failed` gets the same arguments. */
export function contained<Given extends readonly unknown[]>(
  parts: FaultParts,
  place: FaultPlace,
  act: (...given: Given) => void,
  failed?: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) =>
    runContained(parts, place, () => act(...given), failed && (() => failed(...given)))
}

/** A clock whose timers report what they run into, and go on. */
export function withContainedTimers(clock: Clock, parts: FaultParts): Clock {
  return { ...clock, every: (everyMs, run) => clock.every(everyMs, contained(parts, 'timer', run)) }
}
