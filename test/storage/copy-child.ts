import type { RusherError } from '../../src/protocol/index.ts'
import { backupSqlite } from '../../src/server/storage/backup/backup.ts'
import { restoreSqlite } from '../../src/server/storage/backup/restore.ts'

/*
 * Runs a backup or a restore in its own process, to be killed. Prints `done`, or `refused CODE
 * MESSAGE`.
 */

export interface CopyTask {
  readonly kind: 'backup' | 'restore'
  readonly path: string
  readonly file: string
  readonly epoch: string
}

const { kind, path, file, epoch } = JSON.parse(process.argv[2] ?? '{}') as CopyTask
const working =
  kind === 'backup'
    ? backupSqlite(path, file, { force: true })
    : restoreSqlite(file, path, { force: true, freshEpoch: epoch, nowMs: Date.now() })
await working.then(
  () => process.stdout.write('done\n'),
  ({ code, message }: RusherError) => process.stdout.write(`refused ${code} ${message}\n`),
)
