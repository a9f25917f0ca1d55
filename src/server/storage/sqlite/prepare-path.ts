import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { RusherError } from '../../../protocol/index.ts'
import { syncDirectoryOf } from './durable-files.ts'

/**
 * Resolves the real path of a database, so that two names of one file share a lock. Creates its
 * directory on request. Throws STORAGE_PATH, or the system error if the path cannot be used.
 */
export function preparePath({
  path,
  createDirectory,
}: {
  readonly path: string
  readonly createDirectory: boolean
}): string {
  const absolute = resolve(path)
  const directory = dirname(absolute)
  if (createDirectory) makeDirectory(directory)
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) {
    throw new RusherError('STORAGE_PATH', `${path} is a directory; use the path of a file in it.`)
  }
  const realDirectory = realpathSync(directory)
  accessSync(realDirectory, constants.R_OK | constants.W_OK)
  if (stats === undefined) {
    const target = targetOf(absolute)
    if (target !== undefined) return preparePath({ path: target, createDirectory })
    return join(realDirectory, basename(absolute))
  }
  accessSync(absolute, constants.R_OK | constants.W_OK)
  return realpathSync(absolute)
}

/** The target of a symbolic link whose file does not exist yet; undefined if this is not a link. */
function targetOf(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined
  return resolve(dirname(path), readlinkSync(path))
}

function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true })
  if (first === undefined) return
  // A new directory is durable once its parent is synced.
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    syncDirectoryOf(made)
  }
}
