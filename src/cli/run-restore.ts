import { randomUUID } from 'node:crypto'
import { restoreSqlite } from '../server/index.ts'
import { type CopyFlags, databaseOf, fileOf } from './copy-flags.ts'
import { tellCopy } from './copy-teller.ts'

/** Restores a backup and prints a summary. Resolves to the exit code. */
export function runRestore(backup: string, flags: CopyFlags): Promise<number> {
  return tellCopy(async (onProgress) => {
    const file = fileOf(backup)
    const path = await databaseOf(flags)
    const restored = await restoreSqlite(file, path, {
      force: flags.force === true,
      freshEpoch: randomUUID(),
      nowMs: Date.now(),
      onProgress,
    })
    const { channels, events, commitNo, keptAs } = restored
    if (flags.json) return JSON.stringify({ v: 1, event: 'restored', path, file, ...restored })
    const kept = keptAs === undefined ? '' : ` The previous database is now ${keptAs}.`
    return `${path}: restored ${channels} channels and ${events} events as of commit ${commitNo} from ${file}. All events verified.${kept} Start the server; clients that saw later events are notified of a gap.`
  })
}
