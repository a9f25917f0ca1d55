import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Syncs a file or a directory to disk. Never call it for a database that this process has open:
 * closing any descriptor of a file drops SQLite's locks on it.
 */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Syncs the directory of a file, which makes its creation, rename or removal durable. */
export function syncDirectoryOf(path: string): void {
  syncPath(dirname(path))
}
