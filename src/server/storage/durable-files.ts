import { closeSync, fsyncSync, openSync } from 'node:fs'
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
