import { existsSync, realpathSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { RusherError } from '../../protocol/index.ts'
import { type Copied, type CopyOptions, copyDatabase, copyError } from './copy-database.ts'
import { syncDirectoryOf, syncPath } from './durable-files.ts'
import { headFileSuffix } from './head-file.ts'
import { openingError } from './opening-error.ts'
import { preparePath } from './prepare-path.ts'
import { acquireLock } from './sqlite-lock.ts'

export interface RestoreOptions extends CopyOptions {
  /** Whether a database that is there is replaced; it is kept under another name. */
  readonly force?: boolean
  /** The identity of the log that goes on from the backup: new for each restore. */
  readonly freshEpoch: string
  readonly nowMs: number
}

export interface Restored extends Copied {
  /** Where the database is that was there before. */
  readonly keptAs: string | undefined
}

/** A restore in the making, which is nothing yet. */
const makingSuffix = '-restoring'
/** A restore that is whole and on disk. From here on it is finished, by whoever opens the database next. */
const readySuffix = '-restore'
const databaseSuffixes = [headFileSuffix, '-wal', ''] as const

/**
 * Puts a backup in the place of a database that no server has open. The log gets a new epoch: clients that saw events which
 * the backup does not have are told a gap, instead of being given other events under the offsets that they know.
 *
 * At every moment the folder has the old database or the new one, also after a kill or a power cut: the copy is made and
 * checked beside the database; once it has its second name it is on disk, and the steps that are left are made again by the
 * next start.
 *
 * Rejects with a RusherError: STORAGE_IN_USE where a server has the database; USAGE where there is one and `force` is not
 * given; else the code of what is wrong with the backup, or the place.
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
 * Finishes a restore that was interrupted, and removes what never became one. To be called by who has the lock. Gives the
 * name under which the database from before was kept.
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
  // The old write-ahead log must be away for certain before the new file has its name.
  syncDirectoryOf(path)
  renameSync(ready, path)
  syncDirectoryOf(path)
  return existsSync(kept) ? kept : undefined
}

/**
 * The name for what was there before. It follows from the date of the new file, so that what is moved now and what a start
 * after a kill moves stay together.
 */
function keptName(path: string, dateMs: number): string {
  const stamp = new Date(dateMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${path}-before-${stamp}`
}

/** Dates the new file, on disk, so that nothing has the name that follows from it. */
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
