import type Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'

/**
 * The state of a database file.
 *
 * `open`: a server has it open or crashed. Its last commits may be in the write-ahead log beside
 * it. `closed`: everything is in the file itself. `backup`: written by a backup. Opening it starts
 * a new epoch, since the original log may have used the next offsets for other events.
 */
export type FileState = 'closed' | 'open' | 'backup'

/** The database row that describes its file. */
export interface FileRow {
  readonly state: FileState
  /**
   * The epoch that was replaced when losses were accepted. The head file may still contain it if
   * the server was killed in between.
   */
  readonly replacedEpoch: string | null
}

/** Reads the row that describes the file. Throws STORAGE_CORRUPT if it is missing or invalid. */
export function readFileRow(db: Database.Database, path: string): FileRow {
  const row = db
    .prepare<[], FileRow>('SELECT state, replaced_epoch AS replacedEpoch FROM file WHERE id = 1')
    .get()
  if (row === undefined || !['closed', 'open', 'backup'].includes(row.state)) {
    throw new RusherError(
      'STORAGE_CORRUPT',
      `${path}: the row that describes the file is missing or damaged. Restore a backup.`,
    )
  }
  return row
}

/** Records the state of the file. */
export function saveFileState(db: Database.Database, state: FileState): void {
  db.prepare('UPDATE file SET state = ? WHERE id = 1').run(state)
}

/** Records the epoch that the log's new epoch replaces. */
export function saveReplacedEpoch(db: Database.Database, epoch: string | null): void {
  db.prepare('UPDATE file SET replaced_epoch = ? WHERE id = 1').run(epoch)
}
