import { closeSync, openSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { identityError, lookBeside } from '../sqlite/database-identity.ts'
import { syncPath } from '../sqlite/durable-files.ts'
import {
  type FileState,
  readFileRow,
  saveFileState,
  saveReplacedEpoch,
} from '../sqlite/file-row.ts'
import { headFileSuffix, readHeadFile } from '../sqlite/head-file.ts'
import { openForReading } from '../sqlite/open-for-reading.ts'
import { openingError } from '../sqlite/opening-error.ts'
import {
  identify,
  type Meta,
  migrate,
  prepareSaveMeta,
  readAsOfNow,
  readMeta,
} from '../sqlite/schema.ts'
import { verifySqlite } from '../verify/verify-log.ts'

/** Progress of a backup or a restore. */
export type CopyProgress =
  | { readonly step: 'copy'; readonly bytes: number; readonly bytesAll: number }
  | { readonly step: 'check'; readonly events: number }

export interface CopyOptions {
  /** Called from time to time. Throwing cancels the work without leaving files behind. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

/** A copy that was written, read back and verified. */
export interface Copied {
  /** Number of the last commit in it. */
  readonly commitNo: number
  readonly bytes: number
  readonly channels: number
  readonly events: number
}

/** What is recorded in the copy. */
interface Mark extends CopyOptions {
  readonly state: FileState
  /** The epoch of the copy; default: that of the source. */
  readonly epoch?: string
}

/** 1 MB per step, so that other users of the disk are not blocked. */
const pagesPerStep = 256
const pageBytes = 4_096

/**
 * Copies a snapshot of a database to a new file, marks the copy, syncs it to disk and verifies
 * every event. A server may use the source meanwhile. On failure the caller must remove the partial
 * copy.
 */
export async function copyDatabase(path: string, copy: string, mark: Mark): Promise<Copied> {
  await copyPages(path, copy, mark)
  const { commitNo } = markCopy(copy, mark)
  syncPath(copy)
  const { channels, events } = await checkCopy(path, copy, mark)
  return { commitNo, bytes: statSync(copy).size, channels, events }
}

async function copyPages(path: string, copy: string, { onProgress }: CopyOptions): Promise<void> {
  // Read first: the database may advance meanwhile, but must never be behind it.
  const beside = lookBeside(path, readHeadFile(`${path}${headFileSuffix}`))
  const { db, close } = openForReading(path)
  try {
    identify(db, path)
    readAsOfNow(db)
    // One read transaction for all steps: otherwise every commit of the server restarts the copy.
    db.exec('BEGIN')
    const unfit = identityError(path, {
      meta: readMeta(db, path),
      row: readFileRow(db, path),
      beside,
    })
    if (unfit !== undefined) throw unfit
    closeSync(openSync(copy, 'wx', statSync(path).mode & 0o777))
    await db.backup(copy, {
      progress({ totalPages, remainingPages }) {
        const bytes = (totalPages - remainingPages) * pageBytes
        onProgress?.({ step: 'copy', bytes, bytesAll: totalPages * pageBytes })
        return pagesPerStep
      },
    })
  } finally {
    close()
  }
}

function markCopy(copy: string, { state, epoch }: Mark): Meta {
  const db = new Database(copy, { fileMustExist: true })
  try {
    // A single file without side files.
    db.pragma('journal_mode = DELETE')
    db.pragma('synchronous = FULL')
    const meta = readMeta(db, copy)
    migrate(db, { epoch: meta.epoch, createdMs: 0, commitNo: meta.commitNo })
    const save = db.transaction(() => {
      saveFileState(db, state)
      saveReplacedEpoch(db, null)
      if (epoch !== undefined) prepareSaveMeta(db)({ ...meta, epoch })
    })
    save()
    return meta
  } finally {
    db.close()
  }
}

async function checkCopy(
  path: string,
  copy: string,
  { onProgress }: CopyOptions,
): Promise<{ readonly channels: number; readonly events: number }> {
  const { channels, events, faults } = await verifySqlite(copy, {
    onProgress: ({ events: checked }) => onProgress?.({ step: 'check', events: checked }),
  })
  const [first] = faults
  if (first === undefined) return { channels, events }
  const { channel, offset, what } = first
  const place = [channel, offset === undefined ? '' : `offset ${offset}`].filter(Boolean).join(', ')
  throw new RusherError(
    'STORAGE_CORRUPT',
    `${path} is damaged and was not copied: ${place === '' ? '' : `${place}: `}${what}. Run \`rusher verify\` for the full list.`,
  )
}

/** Maps the error of a failed copy to one that says what to do. */
export function copyError(error: unknown, copy: string): unknown {
  const said = openingError(error, copy)
  if (!(said instanceof RusherError) || said.code !== 'STORAGE_FULL') return said
  return new RusherError(
    'STORAGE_FULL',
    `${copy} cannot be written: the disk is full. No files were left behind; free some space and try again.`,
    { cause: error },
  )
}
