import { existsSync, realpathSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { RusherError } from '../../protocol/index.ts'
import { type Copied, type CopyOptions, copyDatabase, copyError } from './copy-database.ts'
import { syncDirectoryOf, syncPath } from './durable-files.ts'
import { headFileSuffix } from './head-file.ts'
import { openingError } from './opening-error.ts'
import { preparePath } from './prepare-path.ts'
import { acquireLock } from './sqlite-lock.ts'

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

/** Suffix of an incomplete restore, which is discarded after a crash. */
const makingSuffix = '-restoring'
/** Suffix of a verified restore on disk. After a crash, the next opening completes it. */
const readySuffix = '-restore'
const databaseSuffixes = [headFileSuffix, '-wal', ''] as const

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

/**
 * Completes an interrupted restore and removes an incomplete one. The caller must hold the lock.
 * Returns the path under which the previous database was kept.
 */
export function finishRestore(path: string): string | undefined {
  removeMaking(`${path}${makingSuffix}`)
  const ready = `${path}${readySuffix}`
  const stats = statSync(ready, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const kept = keptName(path, stats.mtimeMs)
  for (const suffix of databaseSuffixes) {
    if (!existsSync(path + suffix)) continue
    if (!existsSync(kept + suffix)) renameSync(path + suffix, kept + suffix)
    else rmSync(path + suffix)
  }
  rmSync(`${path}-shm`, { force: true })
  // The old write-ahead log must durably be gone before the new file gets its name.
  syncDirectoryOf(path)
  renameSync(ready, path)
  syncDirectoryOf(path)
  return existsSync(kept) ? kept : undefined
}

/**
 * The name for the previous database. It is derived from the date of the new file, so that a start
 * after a kill moves the remaining files to the same name.
 */
function keptName(path: string, dateMs: number): string {
  const stamp = new Date(dateMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${path}-before-${stamp}`
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

function removeMaking(making: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(making + suffix, { force: true })
}
