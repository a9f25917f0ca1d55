import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { openingError } from './opening-error.ts'

/**
 * Opens a database that someone may be writing, only for reading. SQLite needs a file of its own beside a database with a
 * write-ahead log; where none can be made, as on a disk that is full or read-only, a copy is opened instead.
 */
export function openForReading(path: string): { db: Database.Database; close: () => void } {
  if (!existsSync(path) && existsSync(`${path}-restore`)) {
    throw new RusherError(
      'STORAGE_PATH',
      `a restore of ${path} was interrupted at its last step: start the server or run \`rusher restore\` again to complete it.`,
    )
  }
  if (!existsSync(path)) {
    throw new RusherError('STORAGE_PATH', `${path} does not exist. Give the path of a database.`)
  }
  try {
    const db = openAndRead(path)
    return { db, close: () => db.close() }
  } catch (error) {
    if (!isRefusalToWrite(error)) throw notReadable(error, path)
  }
  const directory = mkdtempSync(join(tmpdir(), 'rusher-verify-'))
  try {
    const copy = join(directory, 'copy.db')
    copyFileSync(path, copy)
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
    const db = openAndRead(copy)
    return {
      db,
      close() {
        db.close()
        rmSync(directory, { recursive: true })
      },
    }
  } catch (error) {
    rmSync(directory, { recursive: true })
    throw notReadable(error, path)
  }
}

function openAndRead(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    db.pragma('schema_version')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function isRefusalToWrite(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false
  return /^SQLITE_(CANTOPEN|READONLY|IOERR_SHM)/.test(error.code)
}

function notReadable(error: unknown, path: string): unknown {
  if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB') {
    return new RusherError(
      'STORAGE_FOREIGN',
      `${path} is not a database, or its first page is damaged.`,
      { cause: error },
    )
  }
  return openingError(error, path)
}
