import type { Log } from '../log/log.ts'
import type { FaultMetrics } from '../metrics/metrics.ts'
import type { Clock } from './clock.ts'

/** Where an internal error was contained: a label of `rusher_internal_errors_total`. */
export type FaultSource =
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

/** Where contained errors are reported. */
export interface FaultContext {
  readonly log: Log
  readonly metrics: FaultMetrics
}

/** Logs an internal error with its cause and counts it. Answering the peer is up to the caller. */
export function reportFault(
  { log, metrics }: FaultContext,
  place: FaultSource,
  error: unknown,
): void {
  metrics.internalError(place)
  log.error({ err: error, place }, 'internal error contained; only the affected operation failed')
}

/**
 * Runs a promise in the background and contains a rejection. It is reported first, then `failed` is
 * called to answer the peer and release resources.
 */
export function contain(
  parts: FaultContext,
  place: FaultSource,
  promise: Promise<unknown>,
  failed?: (error: unknown) => void,
): void {
  promise.catch((error: unknown) => {
    reportFault(parts, place, error)
    if (failed !== undefined) runContained(parts, place, () => failed(error))
  })
}

/** Calls `act` now. An error is reported, then `failed` is called. */
export function runContained(
  parts: FaultContext,
  place: FaultSource,
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

/**
 * Wraps a listener or timer callback so that its errors are reported. `failed` gets the same
 * arguments.
 */
export function contained<Given extends readonly unknown[]>(
  parts: FaultContext,
  place: FaultSource,
  act: (...given: Given) => void,
  failed?: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) =>
    runContained(parts, place, () => act(...given), failed && (() => failed(...given)))
}

/** A clock whose timer callbacks are contained: an error is reported and the timer continues. */
export function withContainedTimers(clock: Clock, parts: FaultContext): Clock {
  return { ...clock, every: (everyMs, run) => clock.every(everyMs, contained(parts, 'timer', run)) }
}
