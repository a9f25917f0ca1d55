import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { faultOf } from './errors.ts'
import { errorOf } from './fault.ts'

/** The database, its write-ahead log and what its connections share. */
const filesOfDatabase = 3

/** The error of an opening that failed, saying what to do. */
export function openingError(error: unknown, path: string): unknown {
  if (error instanceof RusherError) return error
  const code = codeOf(error) === 'SQLITE_CANTOPEN' ? causeOfCannotOpen(path) : codeOf(error)
  switch (code) {
    case 'EMFILE':
    case 'ENFILE':
      return new RusherError(
        'STORAGE_UNAVAILABLE',
        `${path} cannot be opened: the process has as many open files as it may have. Raise the limit (ulimit -n).`,
        { cause: error },
      )
    case 'ENOENT':
      return pathError(
        path,
        'its directory does not exist. Create it, or give another path.',
        error,
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return pathError(path, 'what should be its directory is a file. Give another path.', error)
    case 'EACCES':
    case 'EPERM':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
      return pathError(
        path,
        'this user may not write there. Allow it, for the directory as well, or give another path.',
        error,
      )
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_READONLY_DIRECTORY':
    case 'SQLITE_READONLY_DBMOVED':
    case 'SQLITE_CANTOPEN':
      return pathError(
        path,
        'the file or its directory cannot be written. Give another path.',
        error,
      )
    case 'ENOSPC':
    case 'SQLITE_IOERR_SHMSIZE':
      return new RusherError('STORAGE_FULL', `${path} cannot be opened: the disk is full.`, {
        cause: error,
      })
    default:
      if (error instanceof Database.SqliteError) return errorOf(faultOf(error, 'write'))
      if (isSystemError(error)) return pathError(path, `${error.message}.`, error)
      return error
  }
}

function pathError(path: string, what: string, cause: unknown): RusherError {
  return new RusherError('STORAGE_PATH', `${path} cannot be opened: ${what}`, { cause })
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return String(error.code)
}

/** SQLite does not say why a file could not be opened; opening as many files as it does gives the reason they share. */
function causeOfCannotOpen(path: string): string {
  const files: number[] = []
  try {
    for (let count = 0; count < filesOfDatabase; count += 1)
      files.push(openSync(dirname(path), 'r'))
    return 'SQLITE_CANTOPEN'
  } catch (error) {
    return codeOf(error) ?? 'SQLITE_CANTOPEN'
  } finally {
    for (const file of files) closeSync(file)
  }
}
