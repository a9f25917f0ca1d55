import type { Clock } from '../clock.ts'

/** The wall clock beside the monotonic one, in milliseconds: more than this apart, it was set. */
const setMs = 500

/** Notices that the wall clock was set, or that the machine slept: timers know of neither. */
export interface ClockWatch {
  /** Whether it was since the last look. */
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
