import { destination, pino } from 'pino'
import type { Log } from './log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Bytes of lines that wait for a standard error that takes none. Later lines are dropped. */
const waitingBytesMax = 1024 * 1024

/**
 * Writes JSON lines to standard error: standard output is for results. A line that cannot be
 * written, as on a full disk or a closed pipe, is dropped and ends nothing.
 */
export function createPinoLog(level: LogLevel): Log {
  const stream = destination({ dest: 2, sync: true, maxLength: waitingBytesMax })
  stream.on('error', () => undefined)
  return pino({ level, base: null }, stream)
}
