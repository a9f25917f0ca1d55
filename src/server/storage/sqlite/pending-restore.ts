import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { syncDirectoryOf } from './durable-files.ts'
import { headFileSuffix } from './head-file.ts'

/** Suffix of an incomplete restore, which is discarded after a crash. */
export const makingSuffix = '-restoring'
/** Suffix of a verified restore on disk. After a crash, the next opening completes it. */
export const readySuffix = '-restore'
/** Suffixes of the files that a restore replaces. */
export const databaseSuffixes = [headFileSuffix, '-wal', ''] as const

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
export function keptName(path: string, dateMs: number): string {
  const stamp = new Date(dateMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${path}-before-${stamp}`
}

/** Removes an incomplete restore. */
export function removeMaking(making: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(making + suffix, { force: true })
}
