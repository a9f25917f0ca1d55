import { destination, pino } from 'pino'
import type { Log } from './log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Writes JSON lines to standard error: standard output is for results. */
export function createPinoLog(level: LogLevel): Log {
  return pino({ level, base: null }, destination({ dest: 2, sync: true }))
}
