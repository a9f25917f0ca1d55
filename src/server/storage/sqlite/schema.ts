import type Database from 'better-sqlite3'
import { RusherError } from '../../../protocol/index.ts'
import { sumOfMeta } from './checksum-chain.ts'

/** "RUSH": what a Rusher database says it is, in SQLite's header field for it. */
export const applicationId = 0x52_55_53_48

/** Size below which SQLite does not truncate the write-ahead log, in bytes. */
export const logBytesKept = 64 * 1024 * 1024

const arrivalsColumns = `
    no INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    erased INTEGER NOT NULL,
    key_sum INTEGER,
    key BLOB,
    payload BLOB
`

const fileColumns = `
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL CHECK (state IN ('closed', 'open', 'backup')),
    replaced_epoch TEXT
`

/**
 * What a database goes through, in order; its `user_version` is how many it has gone through. A migration that was ever
 * released is never changed.
 *
 * Names, keys and payloads are blobs, since the writer gets and sums bytes; `CAST(payload AS TEXT)` shows them.
 * A payload of bytes stands behind a zero byte; JSON text never begins with one.
 * `events.payload` stands last, so that the other columns of a long row are read without its overflow pages.
 * `sweeps` names the channels with rows before their begin, which are gone and still to be deleted.
 * `arrivals` has rows of `events` that a busy time put one after another, as they came; see docs/decisions/0016.
 * `file` records the state of the file; see `file-row.ts`.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    commit_no INTEGER NOT NULL,
    latest_no INTEGER NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    begin INTEGER NOT NULL,
    head INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    base_chain INTEGER NOT NULL,
    commit_no INTEGER NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE events (
    channel_id INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    erased INTEGER NOT NULL,
    key_sum INTEGER,
    key BLOB,
    payload BLOB,
    PRIMARY KEY (channel_id, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX events_by_key ON events (channel_id, key) WHERE key IS NOT NULL;

  CREATE TABLE latest (
    channel_id INTEGER NOT NULL,
    name BLOB NOT NULL,
    updated_no INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (channel_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX latest_by_update ON latest (channel_id, updated_no);

  CREATE TABLE snapshots (
    channel_id INTEGER PRIMARY KEY,
    offset INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;

  CREATE TABLE sweeps (channel_id INTEGER PRIMARY KEY) STRICT;
  `,
  `
  CREATE TABLE arrivals (${arrivalsColumns}) STRICT;
  `,
  `
  CREATE TABLE file (${fileColumns}) STRICT;
  INSERT INTO file VALUES (1, 'closed', NULL);
  `,
]

/** A database's one row about itself. */
export interface Meta {
  readonly epoch: string
  readonly commitNo: number
  readonly latestNo: number
}

/** What a new database starts with. */
export interface Birth {
  readonly epoch: string
  readonly createdMs: number
  readonly commitNo: number
}

/** Throws unless the database is empty, or a Rusher database that this version can read. Writes nothing. */
export function identify(db: Database.Database, path: string): 'empty' | 'ours' {
  const id = Number(db.pragma('application_id', { simple: true }))
  const version = Number(db.pragma('user_version', { simple: true }))
  if (id === applicationId && version > migrations.length) {
    throw new RusherError(
      'STORAGE_NEWER',
      `${path} was written by a newer Rusher: its schema is version ${version} and this one knows up to ${migrations.length}. Start the newer version again, or restore a backup from before the upgrade.`,
    )
  }
  if (id === applicationId && version > 0) return 'ours'
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (tables === 0 && (id === 0 || id === applicationId) && version === 0) return 'empty'
  throw new RusherError(
    'STORAGE_FOREIGN',
    `${path} is a database of another program; it was left as it is. Give another path.`,
  )
}

/** Brings a database to the newest schema in one transaction: afterwards it is as before, or new. */
export function migrate(db: Database.Database, birth: Birth, steps = migrations): void {
  const bring = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version === steps.length) return
    for (const step of steps.slice(version)) db.exec(step)
    if (version === 0) {
      db.pragma(`application_id = ${applicationId}`)
      const { epoch, commitNo } = birth
      const sum = sumOfMeta({ epoch, commitNo, latestNo: 0 })
      db.prepare('INSERT INTO meta VALUES (1, ?, ?, ?, 0, ?)').run(
        epoch,
        birth.createdMs,
        commitNo,
        sum,
      )
    }
    db.pragma(`user_version = ${steps.length}`)
  })
  bring.immediate()
}

/** Lets an older database be read as it is: what it does not have yet is empty. For a connection that writes nothing. */
export function readAsOfNow(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  db.pragma('temp_store = MEMORY')
  if (version < 2) db.exec(`CREATE TEMP TABLE arrivals (${arrivalsColumns})`)
  if (version < 3) {
    db.exec(`CREATE TEMP TABLE file (${fileColumns}); INSERT INTO file VALUES (1, 'closed', NULL)`)
  }
}

/** Reads the database's row about itself. */
export function readMeta(db: Database.Database, path: string): Meta {
  const row = db
    .prepare<[], Meta & { readonly sum: number }>(
      'SELECT epoch, commit_no AS commitNo, latest_no AS latestNo, sum FROM meta WHERE id = 1',
    )
    .get()
  if (row === undefined || sumOfMeta(row) !== row.sum) {
    throw new RusherError(
      'STORAGE_CORRUPT',
      `${path}: the row about the database itself is missing or does not match its checksum. Restore a backup.`,
    )
  }
  const { epoch, commitNo, latestNo } = row
  return { epoch, commitNo, latestNo }
}

/** Writes the database's row about itself. */
export function prepareSaveMeta(db: Database.Database): (meta: Meta) => void {
  const update = db.prepare(
    'UPDATE meta SET epoch = ?, commit_no = ?, latest_no = ?, sum = ? WHERE id = 1',
  )
  return (meta) => {
    update.run(meta.epoch, meta.commitNo, meta.latestNo, sumOfMeta(meta))
  }
}

/**
 * Sets what a durable commit needs, and reads it back: better-sqlite3 is compiled so that WAL alone would mean NORMAL, which
 * loses commits at a power cut.
 */
export function setPragmas(db: Database.Database, synchronous: 'FULL' | 'NORMAL'): void {
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${synchronous}`)
  // The writer checkpoints by itself: after the acknowledgement, and where an error is seen.
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${logBytesKept}`)
  db.pragma('cache_size = -16384')
  db.pragma('temp_store = MEMORY')
  // What is erased is overwritten. FAST would leave the pages of long payloads as they were.
  db.pragma('secure_delete = ON')
  const journal = db.pragma('journal_mode', { simple: true })
  const level = Number(db.pragma('synchronous', { simple: true }))
  if (journal !== 'wal' || level !== (synchronous === 'FULL' ? 2 : 1)) {
    throw new RusherError(
      'STORAGE_UNAVAILABLE',
      `SQLite did not take journal_mode=WAL and synchronous=${synchronous}; it says ${String(journal)} and ${level}. Is the file on a network file system? Put it on a local disk.`,
    )
  }
}
