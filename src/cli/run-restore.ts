import { randomUUID } from 'node:crypto'
import { restoreSqlite } from '../server/index.ts'
import { type CopyFlags, databaseOf } from './copy-flags.ts'
import { tellCopy } from './copy-teller.ts'

/** Puts a backup in place and says what is in it. Resolves to the exit code. */
export function runRestore(file: string, flags: CopyFlags): Promise<number> {
  return tellCopy(async (onProgress) => {
    const path = await databaseOf(flags)
    const restored = await restoreSqlite(file, path, {
      force: flags.force === true,
      freshEpoch: randomUUID(),
      nowMs: Date.now(),
      onProgress,
    })
    const { channels, events, commitNo, keptAs } = restored
    if (flags.json) return JSON.stringify({ v: 1, event: 'restored', path, file, ...restored })
    const kept = keptAs === undefined ? '' : ` The database from before is ${keptAs}.`
    return `${path}: ${channels} channels, ${events} events, as of commit ${commitNo}, from ${file}. Every one of them is as it was written.${kept} Start the server: clients are told the gap.`
  })
}
