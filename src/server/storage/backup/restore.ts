import { existsSync, realpathSync, renameSync, statSync, utimesSync } from 'node:fs'
import { RusherError } from '../../../protocol/index.ts'
import { syncDirectoryOf, syncPath } from '../sqlite/durable-files.ts'
import { acquireLock } from '../sqlite/lock.ts'
import { openingError } from '../sqlite/opening-error.ts'
import {
  databaseSuffixes,
  finishRestore,
  keptName,
  makingSuffix,
  readySuffix,
  removeMaking,
} from '../sqlite/pending-restore.ts'
import { preparePath } from '../sqlite/prepare-path.ts'
import { type Copied, type CopyOptions, copyDatabase, copyError } from './copy-database.ts'

export interface RestoreOptions extends CopyOptions {
  /** Whether an existing database is replaced; it is kept under another name. */
  readonly force?: boolean
  /** The epoch of the restored log; must be new for each restore. */
  readonly freshEpoch: string
  readonly nowMs: number
}

export interface Restored extends Copied {
  /** Path of the previous database; undefined if there was none. */
  readonly keptAs: string | undefined
}

/**
 * Replaces a database that no server has open with a backup. The log gets a new epoch, so clients
 * that saw events missing from the backup are notified of a gap instead of getting other events
 * under known offsets.
 *
 * The folder always contains the old or the new database, also after a kill or a power cut. The
 * copy is written and verified beside the database. Once it is renamed to its second name it is on
 * disk, and the next start repeats the remaining steps.
 *
 * Rejects with a RusherError: STORAGE_IN_USE if a server has the database open, USAGE if there is
 * one and `force` is not set, or else the code of the problem with the backup or the path.
 */
export async function restoreSqlite(
  backup: string,
  path: string,
  { force = false, freshEpoch, nowMs, onProgress }: RestoreOptions,
): Promise<Restored> {
  if (!existsSync(backup)) {
    throw new RusherError('USAGE', `no such backup: ${backup}`)
  }
  const place = placeOf(path)
  const lock = lockFor(place, nowMs)
  const making = `${place}${makingSuffix}`
  try {
    finishRestore(place)
    refuseOverwriting(realpathSync(backup), place, force)
    const copied = await copyDatabase(realpathSync(backup), making, {
      state: 'closed',
      epoch: freshEpoch,
      onProgress,
    })
    dateForFreeName(making, place, nowMs)
    renameSync(making, `${place}${readySuffix}`)
    syncDirectoryOf(place)
    return { ...copied, keptAs: finishRestore(place) }
  } catch (error) {
    throw copyError(error, place)
  } finally {
    removeMaking(making)
    lock.release()
  }
}

/** Sets the date of the new file such that the derived name is free, and syncs it to disk. */
function dateForFreeName(making: string, path: string, nowMs: number): void {
  let seconds = Math.floor(nowMs / 1_000)
  while (databaseSuffixes.some((suffix) => existsSync(keptName(path, seconds * 1_000) + suffix))) {
    seconds += 1
  }
  utimesSync(making, seconds, seconds)
  syncPath(making)
}

function placeOf(path: string): string {
  try {
    return preparePath({ path, createDirectory: true })
  } catch (error) {
    throw openingError(error, path)
  }
}

function lockFor(path: string, nowMs: number) {
  try {
    return acquireLock(path, nowMs)
  } catch (error) {
    if (!(error instanceof RusherError) || error.code !== 'STORAGE_IN_USE') {
      throw openingError(error, path)
    }
    throw new RusherError(
      'STORAGE_IN_USE',
      `${error.message} A restore replaces the database and cannot run while a server has it open: stop the server, restore, then start it again.`,
      { cause: error },
    )
  }
}

function refuseOverwriting(backup: string, path: string, force: boolean): void {
  if (backup === path) {
    throw new RusherError(
      'USAGE',
      `${path} is the database itself. Move it elsewhere and restore it from there.`,
    )
  }
  const isThere = ['', '-wal'].some((suffix) => {
    const stats = statSync(path + suffix, { throwIfNoEntry: false })
    return stats !== undefined && stats.size > 0
  })
  if (!isThere || force) return
  throw new RusherError(
    'USAGE',
    `a database already exists at ${path}. Use --force to replace it; it is kept under another name.`,
  )
}
