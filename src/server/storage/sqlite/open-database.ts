import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import {
  type Beside,
  behind,
  faultOfLeftLog,
  identityError,
  lookBeside,
  refuseOtherName,
} from './database-identity.ts'
import { type FileRow, readFileRow, saveFileState, saveReplacedEpoch } from './file-row.ts'
import { FileWatch } from './file-watch.ts'
import {
  type HeadFile,
  type HeadRecord,
  headFileSuffix,
  openHeadFile,
  readHeadFile,
} from './head-file.ts'
import { checkTails } from './integrity-check.ts'
import { acquireLock } from './lock.ts'
import { openingError } from './opening-error.ts'
import { finishRestore } from './pending-restore.ts'
import { preparePath } from './prepare-path.ts'
import {
  identify,
  logBytesKept,
  type Meta,
  migrate,
  prepareSaveMeta,
  readMeta,
  setPragmas,
} from './schema.ts'

export interface OpenRequest {
  readonly path: string
  readonly createDirectory: boolean
  /** For a new database, and for one whose losses are accepted. */
  readonly freshEpoch: string
  readonly nowMs: number
  readonly acceptLoss: boolean
  readonly synchronous: 'FULL' | 'NORMAL'
}

export interface OpenedDatabase {
  readonly db: Database.Database
  readonly path: string
  readonly meta: Meta
  readonly headFile: HeadFile
  readonly watch: FileWatch
  /** Number of the last commit that is checkpointed into the file itself. */
  readonly checkpointNo: number
  /** What the owner should know: losses that were accepted. */
  readonly warnings: readonly string[]
  close(): void
}

/**
 * Opens a database for writing, alone: takes the lock, makes sure that it is ours, not newer, not behind its head file and
 * sound at its tails, and that everything in it is on disk. Throws a RusherError and leaves the file as it was.
 */
export function openDatabase(request: OpenRequest): OpenedDatabase {
  const closers: (() => void)[] = []
  const close = () => {
    for (const closer of closers.splice(0).reverse()) closer()
  }
  try {
    const path = preparePath(request)
    const lock = acquireLock(path, request.nowMs)
    closers.push(() => lock.release())
    finishRestore(path)
    const head = readHeadFile(`${path}${headFileSuffix}`)
    const beside = lookBeside(path, head)
    refuseMissing(path, head, request)
    refuseOtherName(path)
    refuseLeftLog(path, head)

    let watch: FileWatch | undefined
    // Closed after the database: closing a descriptor of a file drops SQLite's locks on it.
    closers.push(() => watch?.close())
    const db = new Database(path, { timeout: 5_000 })
    closers.push(() => db.close())
    const found = identifyDatabase(db, { path, head })
    if (found === 'empty' && (head?.commitNo ?? 0) > 0 && !request.acceptLoss) {
      throw behind(path, `${path} holds nothing, but commits were made to it`)
    }
    setPragmas(db, request.synchronous)
    migrate(db, {
      epoch: request.freshEpoch,
      createdMs: request.nowMs,
      commitNo: head?.commitNo ?? 0,
    })
    const warnings = checkDatabase(db, { path, beside, request })
    const { meta, checkpointNo } = settle(db, path)

    const headFile = openHeadFile(`${path}${headFileSuffix}`)
    closers.push(() => headFile.close())
    headFile.write({ ...meta, checkpointNo })
    watch = new FileWatch({ path, logBytesKept })
    // From here on only a checkpoint can meet someone else, and appends wait for the checkpoint.
    db.pragma('busy_timeout = 100')
    return { db, path, meta, headFile, watch, checkpointNo, warnings, close }
  } catch (error) {
    // Asked before anything is closed: a process out of file descriptors has some again after it.
    const said = openingError(error, request.path)
    close()
    throw said
  }
}

/** An empty file where commits were made has lost them, and SQLite would begin anew and delete the write-ahead log. */
function refuseMissing(path: string, head: HeadRecord | undefined, request: OpenRequest): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const walSize = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (size > 0 || (walSize === 0 && (head?.commitNo ?? 0) === 0) || request.acceptLoss) return
  throw behind(path, `${path} is missing or empty, but commits were made to it`)
}

function identifyDatabase(
  db: Database.Database,
  { path, head }: { readonly path: string; readonly head: HeadRecord | undefined },
): 'empty' | 'ours' {
  try {
    return identify(db, path)
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_NOTADB') throw error
    if (head === undefined) {
      throw new RusherError(
        'STORAGE_FOREIGN',
        `${path} is not a database; it was left as it is. Give another path.`,
        { cause: error },
      )
    }
    throw new RusherError(
      'STORAGE_CORRUPT',
      `${path} is damaged: its first page is not that of a database. Restore a backup.`,
      { cause: error },
    )
  }
}

/**
 * Refuses a database that is behind, damaged or a different one, unless losses are accepted. Then
 * it gets a new epoch, so that clients notice. A backup also gets one, since the original log may
 * have used its next offsets.
 */
function checkDatabase(
  db: Database.Database,
  {
    path,
    beside,
    request,
  }: { readonly path: string; readonly beside: Beside; readonly request: OpenRequest },
): readonly string[] {
  const { head } = beside
  const meta = readMeta(db, path)
  const row = readFileRow(db, path)
  const lost = faultsOf(db, path, { meta, row, beside })
  const [first] = lost
  if (first !== undefined && !request.acceptLoss) throw first
  const warnings = lost.map(({ message }) => message)
  if (row.state === 'backup')
    warnings.push(`${path} is a backup: its log continues under a new epoch.`)
  if (warnings.length === 0) return warnings
  const renew = db.transaction(() => {
    prepareSaveMeta(db)({
      ...meta,
      epoch: request.freshEpoch,
      commitNo: Math.max(meta.commitNo, head?.commitNo ?? 0),
    })
    saveReplacedEpoch(db, head?.epoch ?? null)
    // Otherwise its mark would give it another epoch at each start.
    saveFileState(db, 'open')
  })
  // Checkpoint first, so that the write-ahead log contains only the new epoch.
  db.pragma('wal_checkpoint(TRUNCATE)')
  renew.immediate()
  return warnings
}

/** Evidence that events are lost or damaged. */
function faultsOf(
  db: Database.Database,
  path: string,
  found: { readonly meta: Meta; readonly row: FileRow; readonly beside: Beside },
): readonly RusherError[] {
  const identity = identityError(path, found)
  const faults = identity === undefined ? [] : [identity]
  try {
    checkTails(db)
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    faults.push(error)
  }
  return faults
}

/**
 * Marks the file as open and makes its content durable. A commit that a crashed server did not
 * acknowledge may be in the log without being on disk, and a retry of it would be answered as
 * stored. The checkpoint rewrites it, also after a failed fsync whose pages the kernel considers
 * clean; the commit proves that there is room. The mark ends up in the file itself, so that a copy
 * without the write-ahead log is recognized.
 */
function settle(db: Database.Database, path: string): { meta: Meta; checkpointNo: number } {
  const before = readMeta(db, path)
  const meta = { ...before, commitNo: before.commitNo + 1 }
  const mark = db.transaction(() => {
    saveFileState(db, 'open')
    prepareSaveMeta(db)(meta)
  })
  mark.immediate()
  const [outcome] = db.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[]
  return { meta, checkpointNo: outcome?.busy === 0 ? meta.commitNo : 0 }
}

/** Refuses a write-ahead log of another database: opening the file would apply it. */
function refuseLeftLog(path: string, head: HeadRecord | undefined): void {
  const fault = faultOfLeftLog(path, head)
  if (fault === undefined) return
  throw new RusherError(
    'STORAGE_REPLACED',
    `${fault}. Opening it would mix the two, so it was left unchanged. Put the right file back; or move this one elsewhere and \`rusher restore\` it from there.`,
  )
}
