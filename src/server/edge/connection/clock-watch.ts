import type { Clock } from '../../runtime/clock.ts'

/**
 * Drift between the wall clock and the monotonic clock that counts as a change, in milliseconds.
 */
const setMs = 500

/** Detects that the wall clock was set or that the machine slept; timers notice neither. */
export interface ClockWatch {
  /** Whether this happened since the last call. */
  wasSet(): boolean
}

export function createClockWatch(clock: Pick<Clock, 'now' | 'monotonicMs'>): ClockWatch {
  const apart = (): number => clock.now() - clock.monotonicMs()
  let lastMs = apart()
  return {
    wasSet() {
      const nowMs = apart()
      const isSet = Math.abs(nowMs - lastMs) > setMs
      lastMs = nowMs
      return isSet
    },
  }
}
