import { backupSqlite } from '../server/index.ts'
import { type CopyFlags, databaseOf, fileOf } from './copy-flags.ts'
import { megabytes, tellCopy } from './copy-teller.ts'

/** Writes a backup and prints a summary. Resolves to the exit code. */
export function runBackup(target: string, flags: CopyFlags): Promise<number> {
  return tellCopy(async (onProgress) => {
    const file = fileOf(target)
    const path = await databaseOf(flags)
    const copied = await backupSqlite(path, file, { force: flags.force === true, onProgress })
    if (flags.json) return JSON.stringify({ v: 1, event: 'backed-up', path, file, ...copied })
    const { channels, events, bytes, commitNo } = copied
    return `${file}: ${channels} channels, ${events} events, ${megabytes(bytes)} MB, as of commit ${commitNo} of ${path}. All events verified.`
  })
}
