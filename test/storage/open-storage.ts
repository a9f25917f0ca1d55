import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type OpenedDatabase, openDatabase } from '../../src/server/storage/sqlite/open-database.ts'
import {
  openSqliteStorage,
  type SqliteStorage,
  type SqliteStorageOptions,
} from '../../src/server/storage/sqlite/sqlite-storage.ts'
import type { FilingSizes } from '../../src/server/storage/sqlite/write-buffer.ts'

/** A directory of the test's own, removed after it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rusher-storage-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Has almost every event go through `arrivals`, in runs of a few rows, where a busy server would have some do so. */
export const busyFiling: FilingSizes = {
  spreadEvents: 1,
  eventsPerChannel: 1_000,
  takeOutRows: 2,
  largeBytes: 12_000,
  runRows: 7,
  runBytes: 100_000,
  leastRows: 1,
}

let epochs = 0

/** Opens a database with what a test does not care about. */
export function openStorage(
  path: string,
  more: Partial<SqliteStorageOptions> = {},
): Promise<SqliteStorage> {
  epochs += 1
  const epoch = `epoch-${epochs}`
  return openSqliteStorage({
    path,
    createDirectory: true,
    makeEpoch: () => epoch,
    now: Date.now,
    ...more,
  })
}

/** Opens a database in this thread: what a test of many files needs, since threads take long to start. */
export function openInThread(path: string): OpenedDatabase {
  return openDatabase({
    path,
    createDirectory: false,
    freshEpoch: 'another',
    nowMs: 0,
    acceptLoss: false,
    synchronous: 'FULL',
  })
}
