import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Has a file, or what a directory lists, on disk. Never for a database that this process has open: closing any descriptor
 * of a file drops the locks that SQLite holds on it.
 */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes the coming and going of a file's name durable. */
export function syncDirectoryOf(path: string): void {
  syncPath(dirname(path))
}

/** The first of `name`, `name-2`, `name-3`, ... that is free, together with what it may have beside it. */
export function freeName(name: string, suffixes: readonly string[]): string {
  for (let no = 1; ; no += 1) {
    const candidate = no === 1 ? name : `${name}-${no}`
    if (!suffixes.some((suffix) => existsSync(candidate + suffix))) return candidate
  }
}
