import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { answerParent, type Fields, numberOf, textOf } from './peer-port.ts'

/* What the disk and SQLite do with nothing around them: an fsync, and transactions of one message or of many. */

function fsync(fields: Fields): Record<string, number> {
  const file = openSync(join(textOf(fields, 'folder'), 'fsync'), 'w')
  const block = Buffer.alloc(4_096, 1)
  const tookMs: number[] = []
  for (let left = numberOf(fields, 'count'); left > 0; left -= 1) {
    writeSync(file, block)
    const startedMs = performance.now()
    fdatasyncSync(file)
    tookMs.push(performance.now() - startedMs)
  }
  closeSync(file)
  return spreadOf(tookMs)
}

function commit(fields: Fields): Record<string, number> {
  const db = new Database(join(textOf(fields, 'folder'), `${textOf(fields, 'name')}.db`))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`
    CREATE TABLE events (
      channel_id INTEGER NOT NULL, offset INTEGER NOT NULL, sum INTEGER NOT NULL, chain INTEGER NOT NULL,
      erased INTEGER NOT NULL, key_sum INTEGER, key BLOB, payload BLOB, PRIMARY KEY (channel_id, offset)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX events_by_key ON events (channel_id, key) WHERE key IS NOT NULL;
  `)
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, 1, 2, 0, 3, ?, ?)')
  const text = textOf(fields, 'text')
  const channels = numberOf(fields, 'channels')
  const perCommit = numberOf(fields, 'perCommit')
  const startedMs = performance.now()
  const endMs = startedMs + numberOf(fields, 'ms')
  const tookMs: number[] = []
  const insertOne = (no: number): void => {
    const id = `p${process.pid}-${no}`
    const user = { id: 'publisher-0' }
    const body = { kind: 'say', text }
    const payload = Buffer.from(JSON.stringify({ at: Date.now(), user, id, body }))
    const key = Buffer.from(`11:publisher-0${id}`)
    insert.run(no % channels, 1 + Math.floor(no / channels), key, payload)
  }
  const insertMany = db.transaction((from: number) => {
    for (let no = from; no < from + perCommit; no += 1) insertOne(no)
  })
  for (let now = startedMs; now < endMs; ) {
    insertMany(tookMs.length * perCommit)
    const after = performance.now()
    tookMs.push(after - now)
    now = after
  }
  const seconds = (performance.now() - startedMs) / 1_000
  db.close()
  return { perSecond: (tookMs.length * perCommit) / seconds, ...spreadOf(tookMs) }
}

function spreadOf(tookMs: readonly number[]): Record<string, number> {
  const sorted = Float64Array.from(tookMs).sort()
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

answerParent({ fsync, commit })
