import {
  existsSync,
  linkSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { RusherError } from '../../../protocol/index.ts'
import { syncDirectoryOf } from '../sqlite/durable-files.ts'
import { headFileSuffix } from '../sqlite/head-file.ts'
import { type Copied, type CopyOptions, copyDatabase, copyError } from './copy-database.ts'

export interface BackupOptions extends CopyOptions {
  /** Whether an existing file is replaced. */
  readonly force?: boolean
}

/** Suffixes of the files that SQLite may keep beside a database. */
const besideSuffixes = ['-wal', '-shm', '-journal'] as const

/**
 * Backs up a database to one file, also while a server uses it. The backup is a snapshot of one
 * commit. It gets its name only after it was read back, verified and synced to disk; on failure, an
 * existing file of that name stays unchanged.
 *
 * Rejects with a RusherError: USAGE if the file exists, the same codes as opening if the database
 * cannot be opened, and STORAGE_PATH or STORAGE_FULL if the file cannot be written.
 */
export async function backupSqlite(
  path: string,
  file: string,
  { force = false, onProgress }: BackupOptions = {},
): Promise<Copied> {
  const source = existsSync(path) ? realpathSync(path) : path
  refuseTarget(source, file, force)
  removeLeft(file)
  const partial = `${file}${partialSuffix}${process.pid}`
  try {
    const copied = await copyDatabase(source, partial, { state: 'backup', onProgress })
    putInPlace(partial, file, force)
    return copied
  } catch (error) {
    throw copyError(error, file)
  } finally {
    removeDatabase(partial)
  }
}

/** Suffix of an unfinished backup, followed by the id of the process that writes it. */
const partialSuffix = '.partial-'

function refuseTarget(source: string, file: string, force: boolean): void {
  const names = ['', ...besideSuffixes, headFileSuffix, '-lock', '-pid'].map(
    (suffix) => source + suffix,
  )
  if (names.includes(realName(file)) || isSameFile(source, file)) {
    throw new RusherError(
      'USAGE',
      `${file} is the database itself. Choose another name for the backup.`,
    )
  }
  if ([...besideSuffixes, '-pid'].some((suffix) => existsSync(file + suffix))) {
    throw new RusherError(
      'USAGE',
      `${file} is a database in use: a write-ahead log or a server's lock file is beside it. Choose another name for the backup.`,
    )
  }
  if (!force && existsSync(file)) throw exists(file)
}

function exists(file: string): RusherError {
  return new RusherError(
    'USAGE',
    `${file} already exists. Choose another name for the backup, or replace the file with --force.`,
  )
}

function realName(file: string): string {
  const directory = dirname(resolve(file))
  return existsSync(directory) ? join(realpathSync(directory), basename(file)) : resolve(file)
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino
}

/** Moves a finished file to its name atomically. */
function putInPlace(partial: string, file: string, force: boolean): void {
  if (force) renameSync(partial, file)
  else {
    try {
      // Unlike a rename, a link never replaces a file that was created meanwhile.
      linkSync(partial, file)
    } catch (error) {
      if (existsSync(file)) throw exists(file)
      if (!isSystemError(error)) throw error
      // A file system without hard links.
      renameSync(partial, file)
    }
    rmSync(partial, { force: true })
  }
  syncDirectoryOf(file)
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** Removes unfinished files of backups to this name whose process was killed. */
function removeLeft(file: string): void {
  const directory = dirname(file)
  const start = `${basename(file)}${partialSuffix}`
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    const [, pid] = /^(\d+)(?:-[a-z]+)?$/.exec(name.slice(start.length)) ?? []
    if (!name.startsWith(start) || pid === undefined || isRunning(Number(pid))) continue
    rmSync(join(directory, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process is running and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Removes a database file and its SQLite side files. */
function removeDatabase(path: string): void {
  for (const suffix of ['', ...besideSuffixes]) rmSync(path + suffix, { force: true })
}
