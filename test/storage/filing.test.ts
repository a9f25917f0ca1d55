import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { bytesOfText, textOfBytes } from '../../src/server/storage/packed.ts'
import { createLogReader } from '../../src/server/storage/sqlite/log-reader.ts'
import { createLogWriter } from '../../src/server/storage/sqlite/log-writer.ts'
import type { PackedItem } from '../../src/server/storage/sqlite/packed-batch.ts'
import { migrate, readMeta } from '../../src/server/storage/sqlite/schema.ts'
import { type FilingSizes, filingSizes } from '../../src/server/storage/sqlite/write-buffer.ts'

/** Small enough that a test fills a run, and otherwise as they are. */
const sizes: FilingSizes = { ...filingSizes, runRows: 200, spreadEvents: 8 }
const channels = Array.from({ length: 20 }, (_, index) => `chat:${index}`)

function event(channel: string, more: { key?: string; text?: string; erase?: number } = {}) {
  const { key, text = 'hello', erase } = more
  return {
    kind: 'event',
    channel: bytesOfText(channel),
    payload: bytesOfText(JSON.stringify({ text })),
    key: key === undefined ? null : bytesOfText(key),
    keySum: null,
    expect: undefined,
    erase,
  } satisfies PackedItem
}

function open(more: Partial<FilingSizes> = {}) {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(db, { epoch: 'e', createdMs: 0, commitNo: 0 })
  const count = (sql: string) => db.prepare<[], number>(`SELECT count(*) FROM ${sql}`).pluck().get()
  const write = () => createLogWriter(db, readMeta(db, ''), { ...sizes, ...more })
  return { db, write, log: write(), count, reader: createLogReader(db) }
}

type Opened = ReturnType<typeof open>

/** One event for each channel, in a commit. */
function spread(log: Opened['log'], n: number): void {
  log.append(channels.map((channel) => event(channel, { key: `key-${n}`, text: `text ${n}` })))
}

function textsOf(reader: Opened['reader'], channel: string): readonly (string | undefined)[] {
  const page = reader.after(bytesOfText(channel), 0, 10_000)
  return (page?.payloads ?? []).map((payload) =>
    payload === null ? undefined : (JSON.parse(textOfBytes(payload)) as { text: string }).text,
  )
}

const texts = (count: number) => Array.from({ length: count }, (_, n) => `text ${n}`)

test('many events for many channels arrive; few, or many for few channels, go to their places', () => {
  const { log, count } = open()
  log.append([event('chat:0')])
  log.append(Array.from({ length: 100 }, () => event('chat:0')))
  expect(count('arrivals')).toBe(0)
  spread(log, 0)
  expect(count('arrivals')).toBe(channels.length)
  expect(count('events')).toBe(101)
})

test('a large payload goes to its place, and takes along what has arrived before it', () => {
  const { log, count, reader } = open()
  spread(log, 0)
  log.append(
    channels.map((channel, index) =>
      event(channel, index === 3 ? { text: 'x'.repeat(9_000) } : {}),
    ),
  )
  expect(count('events')).toBe(2)
  expect(count('arrivals WHERE channel_id = 4')).toBe(0)
  expect(textsOf(reader, 'chat:3')).toEqual(['text 0', 'x'.repeat(9_000)])
})

test('a run is filed and cleared before the next one is full', () => {
  const { log, count, reader } = open()
  const commits = 100
  let most = 0
  for (let n = 0; n < commits; n += 1) {
    spread(log, n)
    most = Math.max(most, count('arrivals') ?? 0)
  }
  expect(most).toBeGreaterThanOrEqual(sizes.runRows)
  expect(most).toBeLessThanOrEqual(2 * sizes.runRows)
  for (const channel of channels) expect(textsOf(reader, channel)).toEqual(texts(commits))
})

test('what has arrived is read, found by its key and not appended again, wherever filing has come to', () => {
  const { log, reader } = open()
  for (let n = 0; n < 45; n += 1) {
    spread(log, n)
    for (const channel of ['chat:0', 'chat:10', 'chat:19']) {
      expect(textsOf(reader, channel)).toEqual(texts(n + 1))
      for (const earlier of [0, Math.floor(n / 2), n]) {
        const key = `key-${earlier}`
        expect(reader.key(bytesOfText(channel), bytesOfText(key))?.offset).toBe(earlier + 1)
        expect(log.append([event(channel, { key })])).toEqual([
          { kind: 'duplicate', offset: earlier + 1, same: true },
        ])
      }
    }
  }
})

test('an erased payload is nowhere, wherever filing had come to', () => {
  for (let commits = 1; commits < 30; commits += 1) {
    const { log, count, reader } = open()
    log.append(channels.map((channel) => event(channel, { text: 'SECRET' })))
    for (let n = 1; n < commits; n += 1) spread(log, n)
    log.append(channels.map((channel) => event(channel, { erase: 1 })))
    const secret = "WHERE CAST(payload AS TEXT) LIKE '%SECRET%'"
    expect([count(`events ${secret}`), count(`arrivals ${secret}`)]).toEqual([0, 0])
    expect(textsOf(reader, 'chat:7')[0]).toBeUndefined()
  }
})

test('what was compacted away is gone, and its keys can be appended again, wherever filing had come to', () => {
  for (let commits = 1; commits < 30; commits += 1) {
    const { log, write, reader } = open()
    for (let n = 0; n < commits; n += 1) spread(log, n)
    const channel = bytesOfText('chat:5')
    log.compact({ channel, through: commits, snapshot: undefined })
    expect(reader.after(channel, 0, 100)).toMatchObject({ begin: commits + 1, head: commits })
    expect(reader.key(channel, bytesOfText('key-0'))).toBeUndefined()
    // A server that starts now must not file again what was compacted away.
    const again = write()
    while (again.sweep(1_000));
    spread(again, 0)
    expect(reader.key(channel, bytesOfText('key-0'))?.offset).toBe(commits + 1)
    while (again.file(10));
    expect(textsOf(reader, 'chat:5')).toEqual(['text 0'])
  }
})

test('filing when it is quiet leaves nothing', () => {
  const { log, count, reader } = open()
  for (let n = 0; n < 7; n += 1) spread(log, n)
  while (log.file(30));
  expect(count('arrivals')).toBe(0)
  for (const channel of channels) expect(textsOf(reader, channel)).toEqual(texts(7))
  spread(log, 7)
  for (const channel of channels) expect(textsOf(reader, channel)).toEqual(texts(8))
})

test('a commit that fails leaves what had arrived before it, and the next goes on', () => {
  const { db, log, write, reader } = open()
  log.append([event('damaged')])
  for (let n = 0; n < 12; n += 1) spread(log, n)
  db.exec("UPDATE channels SET sum = sum + 1 WHERE CAST(name AS TEXT) = 'damaged'")
  const again = write()
  for (let n = 12; n < 30; n += 1) {
    expect(() =>
      again.append([...channels.map((one) => event(one)), event('damaged')]),
    ).toThrowError(/checksum/)
    spread(again, n)
  }
  for (const channel of channels) expect(textsOf(reader, channel)).toEqual(texts(30))
})

test('damage that filing meets is that of one channel', () => {
  const { db, log, count, reader } = open()
  spread(log, 0)
  const columns = 'channel_id, 5, sum, chain, erased, key_sum, NULL, payload'
  db.exec(`INSERT INTO events SELECT ${columns} FROM arrivals WHERE channel_id = 4`)
  const refused = new Set<string>()
  for (let n = 1; n < 40; n += 1) {
    for (const some of [channels, ...channels.map((channel) => [channel])]) {
      // As the queue does: what fails together is tried one by one.
      if (some.length === 1 && !refused.has('together')) continue
      try {
        log.append(some.map((channel) => event(channel, { key: `key-${n}`, text: `text ${n}` })))
      } catch (error) {
        expect(error).toMatchObject({ fault: { code: 'STORAGE_CORRUPT', final: false } })
        refused.add(some.length > 1 ? 'together' : String(some))
      }
    }
  }
  expect([...refused]).toEqual(['together', 'chat:3'])
  expect(count('arrivals')).toBeGreaterThan(0)
  for (const channel of channels) {
    if (channel !== 'chat:3') expect(textsOf(reader, channel)).toEqual(texts(40))
  }
})
