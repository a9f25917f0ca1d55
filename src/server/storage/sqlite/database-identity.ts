import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { type FileRow, readFileRow } from './file-row.ts'
import { type HeadRecord, headFileSuffix } from './head-file.ts'
import { readRawMeta } from './raw-meta.ts'
import { identify, type Meta, readAsOfNow } from './schema.ts'

/** Which files exist beside a database. */
export interface Beside {
  readonly head: HeadRecord | undefined
  readonly hasHead: boolean
  readonly hasLog: boolean
}

/** Checks which files exist beside a database. Call it before SQLite creates any. */
export function lookBeside(path: string, head: HeadRecord | undefined): Beside {
  return {
    head,
    hasHead: existsSync(`${path}${headFileSuffix}`),
    hasLog: existsSync(`${path}-wal`),
  }
}

/**
 * An error if a database is not the one that the recorded commits were made to; undefined if it is.
 * A file copied while a server was running lacks the commits of the write-ahead log, and SQLite
 * opens it without an error.
 */
export function identityError(
  path: string,
  { meta, row, beside }: { readonly meta: Meta; readonly row: FileRow; readonly beside: Beside },
): RusherError | undefined {
  const { head } = beside
  if (isCopyWithoutLog(row, beside)) {
    return behind(
      path,
      `${path} is a copy of a database that a server had open, without its write-ahead log (-wal): its last events are missing. Copy the database of a running server with \`rusher backup\``,
    )
  }
  if (head === undefined) return undefined
  if (head.epoch !== meta.epoch && head.epoch !== row.replacedEpoch) {
    return replaced(
      path,
      `${path} is a different database: its epoch is ${meta.epoch}, but commits were made here under ${head.epoch}`,
    )
  }
  if (meta.commitNo >= head.commitNo) return undefined
  return behind(
    path,
    `${path} is at commit ${meta.commitNo}, but commit ${head.commitNo} was made: acknowledged events are lost`,
  )
}

/** Whether a file was copied while a server had it open, without the files beside it. */
export function isCopyWithoutLog({ state }: FileRow, { hasHead, hasLog }: Beside): boolean {
  return state === 'open' && !hasHead && !hasLog
}

/** The error for a database that lacks acknowledged commits. */
export function behind(path: string, what: string): RusherError {
  return new RusherError(
    'STORAGE_BEHIND',
    `${what}. Restore a backup (\`rusher restore\`); or, to continue without the lost events, start once with --accept-loss: the log then gets a new epoch, and clients are notified of a gap. (${path}${headFileSuffix} records the number of the last commit.)`,
  )
}

function replaced(path: string, what: string): RusherError {
  return new RusherError(
    'STORAGE_REPLACED',
    `${what}. Put the right file back, or use another path; or, to continue with this file instead, start once with --accept-loss: the log then gets a new epoch, and clients are notified of a gap. (${path}${headFileSuffix} records the epoch and the number of the last commit.)`,
  )
}

/**
 * Why the write-ahead log beside a database cannot belong to it; undefined if it may. SQLite would
 * apply the log to any file of that name and mix two databases. So the file is read without its
 * log: every commit writes the epoch into the log, and a file is never older than its last
 * checkpoint.
 */
export function faultOfLeftLog(path: string, head: HeadRecord | undefined): string | undefined {
  const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (bytes === 0 || head === undefined) return undefined
  const meta = readMetaAlone(path)
  if (meta === undefined) return undefined
  if (head.epoch === meta.epoch) {
    return meta.commitNo < head.checkpointNo
      ? `${path} is at commit ${meta.commitNo}, but commit ${head.checkpointNo} was already in it: the file was replaced by an older copy`
      : undefined
  }
  if (readFileSync(`${path}-wal`).includes(meta.epoch)) return undefined
  return `${path} has the epoch ${meta.epoch}, but the write-ahead log beside it is of ${head.epoch}: the file was replaced by another database`
}

/**
 * The meta row in the file itself. Only while this process does not have the file open: see
 * `syncPath`.
 */
function readMetaAlone(path: string): Meta | undefined {
  const file = openSync(path, 'r')
  try {
    return readRawMeta(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Refuses a file that has several names (hard links) and is in use under another one. The
 * write-ahead log and the lock are found by name, so two servers could write to one file.
 */
export function refuseOtherName(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.nlink < 2 || stats.size === 0) return
  if (isClosedForAll(path)) return
  throw new RusherError(
    'STORAGE_IN_USE',
    `${path} has ${stats.nlink} names (hard links). Its write-ahead log is under another of them, so it is open there or was not closed. Use that name, or stop the process that has it open. To get a second database, copy it with \`rusher backup\` instead of linking it.`,
  )
}

/**
 * Whether no connection has the file open under any name, according to SQLite's locks on the file,
 * and it was closed properly under its other names.
 */
function isClosedForAll(path: string): boolean {
  const hasLog = existsSync(`${path}-wal`)
  const db = new Database(path, { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE; ROLLBACK')
    if (hasLog || identify(db, path) === 'empty') return true
    readAsOfNow(db)
    return readFileRow(db, path).state !== 'open'
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    // Any other error is reported by the opening that follows.
    return !error.code.startsWith('SQLITE_BUSY')
  } finally {
    db.close()
  }
}
