import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { type Fault, FaultError } from './fault.ts'

/**
 * How far a write had come. `commit` is COMMIT itself: before it nothing is in the log that a later opening could find,
 * while an error of COMMIT may come after the log was written.
 */
export type Phase = 'write' | 'commit'

/** What an error of a read, an opening or a transaction means. Throws what is no fault of the world. */
export function faultOf(error: unknown, phase: Phase): Fault {
  if (error instanceof FaultError) return error.fault
  if (error instanceof RusherError) {
    return { code: error.code, message: error.message, final: false }
  }
  if (!(error instanceof Database.SqliteError)) throw error
  const { code, message } = error
  const says = `SQLite says ${code}: ${message}`
  if (code === 'SQLITE_FULL') {
    // No commit frame is complete when writing it had no room, so the transaction is gone as a whole.
    return {
      code: 'STORAGE_FULL',
      message: `the disk is full; nothing was written (${says})`,
      final: false,
    }
  }
  if (phase === 'commit' && code !== 'SQLITE_BUSY') {
    return {
      code: 'STORAGE_UNKNOWN',
      message: `the commit failed; it may have been written (${says})`,
      final: true,
    }
  }
  if (isCorruption(code)) {
    return {
      code: 'STORAGE_CORRUPT',
      message: `the database is damaged (${says}). Run \`rusher verify\`, and restore a backup.`,
      final: false,
    }
  }
  if (code === 'SQLITE_IOERR_SHORT_READ') {
    return {
      code: 'STORAGE_UNAVAILABLE',
      message: `a file of the database is shorter than it was, while this server has it open (${says}). Put the right files back (docs/storage.md says how), and restart the server.`,
      final: true,
    }
  }
  return {
    code: 'STORAGE_UNAVAILABLE',
    message: `the database did not answer; nothing was written (${says})`,
    // After an I/O error the kernel may have dropped what it could not write: only a new opening reads what is there.
    final: code.startsWith('SQLITE_IOERR'),
  }
}

/** Whether an error says that what is stored is not what was written. */
export function isDamage(error: unknown): boolean {
  if (error instanceof RusherError) return error.code === 'STORAGE_CORRUPT'
  return error instanceof Database.SqliteError && isCorruption(error.code)
}

function isCorruption(code: string): boolean {
  // A constraint can only fail where a row stands that the channel's head knows nothing of.
  return /^SQLITE_(CORRUPT|NOTADB|CONSTRAINT)/.test(code)
}
