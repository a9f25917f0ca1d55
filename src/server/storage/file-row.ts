import type Database from 'better-sqlite3'
import { RusherError } from '../../protocol/index.ts'

/**
 * What a database file is.
 *
 * `open`: a server has it, or did not live to close it. Its last commits are then in the write-ahead log beside it.
 * `closed`: everything is in the file itself.
 * `backup`: written by a backup. Whoever opens it goes on under a new epoch, since other events may have been given the
 * offsets that come next.
 */
export type FileState = 'closed' | 'open' | 'backup'

/** The database's row about its file. */
export interface FileRow {
  readonly state: FileState
  /**
   * The epoch of the head file whose losses were accepted when this log got its own. A head file may still have it when a
   * server was killed in between.
   */
  readonly replacedEpoch: string | null
}

/** Reads the row about the file. Throws STORAGE_CORRUPT where it is none. */
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

/** Says what the file is from now on. */
export function saveFileState(db: Database.Database, state: FileState): void {
  db.prepare('UPDATE file SET state = ? WHERE id = 1').run(state)
}

/** Remembers the epoch of the head file that the log's new epoch replaces. */
export function saveReplacedEpoch(db: Database.Database, epoch: string | null): void {
  db.prepare('UPDATE file SET replaced_epoch = ? WHERE id = 1').run(epoch)
}
