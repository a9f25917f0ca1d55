import type Database from 'better-sqlite3'
import { saveFileState } from './file-row.ts'
import type { HeadFile } from './head-file.ts'
import type { LogWriter } from './log-writer.ts'

/** Pages in the write-ahead log from which it is copied back into the database. */
const walPagesMax = 1_000
/** Commits, or bytes given to them, between two looks at how long the write-ahead log is. */
const commitsPerLook = 16
const bytesPerLook = 256 * 1024
/** Rows deleted in one transaction. */
const sweepRowsMax = 1_000
/** Rows filed in one transaction while nothing else is to do. */
const fileRowsMax = 2_000
/** Time before sweeping is tried again after a fault, in milliseconds. */
const sweepAgainMs = 5_000

/** The result of a SQLite checkpoint. */
interface Checkpoint {
  readonly busy: number
  /** Pages in the write-ahead log, and how many of them were checkpointed. */
  readonly log: number
  readonly checkpointed: number
}

interface UpkeepOptions {
  readonly db: Database.Database
  readonly log: LogWriter
  readonly headFile: HeadFile
  readonly epoch: string
  /** Number of the last commit that is checkpointed into the file itself. */
  readonly checkpointNo: number
  readonly idleMs: number
  /** Told of each fault; the final ones end the keeper. */
  readonly fail: (error: unknown) => void
  /** Called after each checkpoint, with the last commit that is surely in the file. */
  readonly checkpointed: (checkpointNo: number) => void
}

/**
 * What the writer does between commits: it records the last commit beside the database, keeps the write-ahead log short,
 * deletes what was compacted away, a little at a time, and once it is quiet files what has arrived.
 */
export function startUpkeep(options: UpkeepOptions) {
  const { db, log, headFile, epoch, idleMs, fail } = options
  let { checkpointNo } = options
  let commits = 0
  let bytes = 0
  let stopped = false
  let sweep: NodeJS.Immediate | undefined
  let sweepAgain: NodeJS.Timeout | undefined
  let filing: NodeJS.Immediate | undefined
  const idle = setTimeout(putAway, idleMs)
  sweepSoon()

  function checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      const [outcome] = db.pragma(`wal_checkpoint(${mode})`) as readonly Checkpoint[]
      if (outcome?.busy === 0 && outcome.log === outcome.checkpointed) checkpointNo = log.commitNo()
      options.checkpointed(checkpointNo)
    } catch (error) {
      // A full disk stops the copying, not the log: it grows until the appends say STORAGE_FULL.
      fail(error)
    }
  }

  /** Files what has arrived, some at a time, and empties the write-ahead log. */
  function putAway(): void {
    filing = undefined
    if (fileSome()) filing = setImmediate(putAway)
    else checkpoint('TRUNCATE')
  }

  function fileSome(): boolean {
    try {
      if (!log.file(fileRowsMax)) return false
      recordHead()
      return true
    } catch (error) {
      // It stays where it is, and is read there.
      fail(error)
      return false
    }
  }

  function walPages(): number {
    const [state] = db.pragma('wal_checkpoint(NOOP)') as readonly Checkpoint[]
    return state?.log ?? 0
  }

  function sweepSoon(): void {
    if (stopped || sweep !== undefined) return
    sweep = setImmediate(sweepSome)
  }

  function sweepSome(): void {
    sweep = undefined
    try {
      if (!log.sweep(sweepRowsMax)) return
      recordHead()
      sweepSoon()
    } catch (error) {
      fail(error)
      if (!stopped) sweepAgain ??= setTimeout(sweepLater, sweepAgainMs)
    }
  }

  function sweepLater(): void {
    sweepAgain = undefined
    sweepSoon()
  }

  function recordHead(sync = false): void {
    try {
      headFile.write({ epoch, commitNo: log.commitNo(), checkpointNo })
      if (sync) headFile.sync()
    } catch {
      // The commit is on disk all the same. A head file may be late: then it notices less.
    }
  }

  return {
    recordHead: () => recordHead(),
    sweepSoon,

    /** A transaction with so many bytes was made and answered. */
    committed(bytesGiven: number): void {
      idle.refresh()
      clearImmediate(filing)
      commits += 1
      bytes += bytesGiven
      if (commits < commitsPerLook && bytes < bytesPerLook) return
      commits = 0
      bytes = 0
      if (walPages() > walPagesMax) checkpoint('PASSIVE')
    },

    /** Nothing more by itself. */
    stop(): void {
      stopped = true
      clearTimeout(idle)
      clearTimeout(sweepAgain)
      clearImmediate(sweep)
      clearImmediate(filing)
    },

    /** Leaves everything in the database itself, and the head on disk. */
    settle(): void {
      while (fileSome());
      leave()
      recordHead(true)
    },

    /** Checkpoints everything into the database, marks it as closed and empties its log. */
    leave,
  }

  function leave(): void {
    try {
      saveFileState(db, 'closed')
    } catch (error) {
      // The file stays marked as open; the head file compensates for that.
      fail(error)
    }
    checkpoint('TRUNCATE')
  }
}
