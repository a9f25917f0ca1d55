import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'

export interface Lock {
  release(): void
}

/**
 * Takes a database for this opening alone, or throws STORAGE_IN_USE.
 *
 * The lock is a second SQLite file held in an exclusive transaction: the operating system drops it with the process,
 * however that ends, and SQLite keeps two openings within one process apart as well, which file locks by themselves do not.
 * Nothing else may open that file, since closing any descriptor of it would drop the lock; the holder's process id is
 * therefore in a file of its own.
 */
export function acquireLock(path: string, now: number): Lock {
  const pidPath = `${path}-pid`
  const db = new Database(`${path}-lock`, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
    throw new RusherError(
      'STORAGE_IN_USE',
      `${path} is in use by ${holderOf(pidPath)}. One server has one database: stop the other, or give another path.`,
      { cause: error },
    )
  }
  writeFileSync(pidPath, `${process.pid} ${new Date(now).toISOString()}\n`)
  return {
    release() {
      rmSync(pidPath, { force: true })
      db.close()
    },
  }
}

function holderOf(pidPath: string): string {
  try {
    const [pid, since] = readFileSync(pidPath, 'utf8').trim().split(' ')
    if (pid !== undefined && pid !== '') return `process ${pid}, since ${since ?? 'some time'}`
  } catch {
    // The holder may not have written it yet; the refusal stands without it.
  }
  return 'another process'
}
