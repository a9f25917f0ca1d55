import { randomUUID } from 'node:crypto'
import { silentLog } from './log/log.ts'
import { systemClock } from './runtime/clock.ts'
import type { ServerOptions } from './server-options.ts'
import { version } from './version.ts'

/** What an edge needs of the world around it. */
export function worldOf(options: ServerOptions): {
  version: string
  clock: typeof systemClock
  log: NonNullable<ServerOptions['log']>
  makeId: () => string
  random: () => number
} {
  return {
    version,
    clock: systemClock,
    log: options.log ?? silentLog,
    makeId: randomUUID,
    random: Math.random,
  }
}
