import type Database from 'better-sqlite3'
import type { HeadFile } from './head-file.ts'
import type { LogWriter } from './log-writer.ts'

/** Pages in the write-ahead log from which it is copied back into the database. */
const walPagesMax = 1_000
/** Commits between two looks at how long the write-ahead log is. */
const commitsPerLook = 16
/** Rows deleted in one transaction. */
const sweepRowsMax = 1_000
/** Time before sweeping is tried again after a fault, in milliseconds. */
const sweepAgainMs = 5_000

interface UpkeepOptions {
  readonly db: Database.Database
  readonly log: LogWriter
  readonly headFile: HeadFile
  readonly epoch: string
  readonly idleMs: number
  /** Told of each fault; the final ones end the keeper. */
  readonly fail: (error: unknown) => void
}

/**
 * What the writer does between commits: it records the last commit beside the database, keeps the write-ahead log short,
 * and deletes what was compacted away, a little at a time.
 */
export function startUpkeep({ db, log, headFile, epoch, idleMs, fail }: UpkeepOptions) {
  let commits = 0
  let stopped = false
  let sweep: NodeJS.Immediate | undefined
  let sweepAgain: NodeJS.Timeout | undefined
  const idle = setTimeout(putAway, idleMs)
  sweepSoon()

  function checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      db.pragma(`wal_checkpoint(${mode})`)
    } catch (error) {
      // A full disk stops the copying, not the log: it grows until the appends say STORAGE_FULL.
      fail(error)
    }
  }

  function putAway(): void {
    checkpoint('TRUNCATE')
  }

  function walPages(): number {
    const [state] = db.pragma('wal_checkpoint(NOOP)') as readonly { readonly log: number }[]
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

  function recordHead(): void {
    headFile.write({ epoch, commitNo: log.commitNo() })
  }

  return {
    recordHead,
    sweepSoon,

    /** A transaction was made and answered. */
    committed(): void {
      idle.refresh()
      commits += 1
      if (commits % commitsPerLook === 0 && walPages() > walPagesMax) checkpoint('PASSIVE')
    },

    /** Nothing more by itself. */
    stop(): void {
      stopped = true
      clearTimeout(idle)
      clearTimeout(sweepAgain)
      clearImmediate(sweep)
    },

    /** Leaves everything in the database itself, and the head on disk. */
    settle(): void {
      checkpoint('TRUNCATE')
      recordHead()
      headFile.sync()
    },
  }
}
