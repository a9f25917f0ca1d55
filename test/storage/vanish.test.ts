import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { until } from '../parts/until.ts'
import { openInThread, openStorage, temporaryDirectory } from './open-storage.ts'

/*
 * Each accident happens to the files of a storage that is open, with two events acknowledged.
 */

const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const

/** Accidents to the files of a running server. */
const accidents: readonly { what: string; says: RegExp; happen: (path: string) => void }[] = [
  { what: 'the database is removed', says: /r\.db is gone/, happen: (path) => rmSync(path) },
  {
    what: 'the database is renamed',
    says: /r\.db is gone.*elsewhere\.db/,
    happen: (path) => renameSync(path, join(dirname(path), 'elsewhere.db')),
  },
  {
    what: 'the folder is renamed',
    says: /r\.db is gone/,
    happen: (path) => renameSync(dirname(path), `${dirname(path)}-moved`),
  },
  {
    what: 'another file is renamed over the database',
    says: /r\.db was replaced by another file/,
    happen(path) {
      copyFileSync(path, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
  },
  {
    what: 'the database is emptied',
    says: /r\.db was truncated from \d+ to 0 bytes/,
    happen: (path) => truncateSync(path),
  },
  {
    what: 'the database is cut',
    says: /r\.db was truncated/,
    happen: (path) => truncateSync(path, 8_192),
  },
  {
    what: 'the write-ahead log is removed',
    says: /r\.db-wal is gone/,
    happen: (path) => rmSync(`${path}-wal`),
  },
  {
    what: 'the write-ahead log is emptied',
    // SQLite may read or write there first, and find it cut by itself.
    says: /r\.db-wal was truncated|SQLITE_IOERR_SHORT_READ/,
    happen: (path) => truncateSync(`${path}-wal`),
  },
  {
    what: 'the shared memory is removed',
    says: /r\.db-shm is gone/,
    happen: (path) => rmSync(`${path}-shm`),
  },
  {
    what: 'the head file is removed',
    says: /r\.db-head is gone/,
    happen: (path) => rmSync(`${path}-head`),
  },
  {
    what: 'the head file is replaced',
    says: /r\.db-head was replaced by another file/,
    happen(path) {
      writeFileSync(`${path}-head.new`, readFileSync(`${path}-head`))
      renameSync(`${path}-head.new`, `${path}-head`)
    },
  },
  {
    what: 'the lock is removed',
    says: /r\.db-lock is gone/,
    happen: (path) => rmSync(`${path}-lock`),
  },
]

async function openWithEvents() {
  const directory = join(temporaryDirectory(), 'data')
  mkdirSync(directory)
  const path = join(directory, 'r.db')
  const told: string[] = []
  const storage = await openStorage(path, { log: { warn: (message) => told.push(message) } })
  await storage.append([event, event])
  // A look before the next commit is due again.
  const openedMs = performance.now()
  await until('a little time has passed', () => performance.now() - openedMs > 20)
  return { directory, path, storage, told }
}

describe('files that vanish under a running storage', () => {
  test.each(accidents)(
    '$what: noticed without any append, told once, and not undone',
    async ({ says, happen }) => {
      const { path, storage, told } = await openWithEvents()
      happen(path)
      const fault = await storage.failed
      expect(fault.code).toBe('STORAGE_UNAVAILABLE')
      expect(fault.message).toMatch(says)
      expect(fault.message).toMatch(/restart the server/)
      expect(told).toEqual([fault.message])
      const refusal = { code: 'STORAGE_UNAVAILABLE', message: expect.stringMatching(says) }
      await expect(storage.append([event])).rejects.toMatchObject(refusal)
      await expect(storage.probe()).rejects.toMatchObject(refusal)
      await expect(storage.compact('chat:a', 1)).rejects.toMatchObject({ code: refusal.code })
      await expect(storage.close()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    },
  )

  test.each(
    accidents.filter(
      ({ what }) => /removed|renamed over|emptied/.test(what) && !/head|lock|shared/.test(what),
    ),
  )('$what: the very next append is refused', async ({ says, happen }) => {
    const { path, storage } = await openWithEvents()
    happen(path)
    await expect(storage.append([event])).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringMatching(says),
    })
    await expect(storage.close()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  test('a database written over in its place by an older copy is noticed', async () => {
    const { path, storage } = await openWithEvents()
    await storage.close()
    const copy = `${path}.copy`
    copyFileSync(path, copy)
    const again = await openStorage(path, { idleMs: 50 })
    await again.append([event])
    await until('its log was put away', () => statSync(`${path}-wal`).size === 0)
    writeFileSync(path, readFileSync(copy), { flag: 'r+' })
    expect((await again.failed).message).toMatch(/was overwritten/)
    await expect(again.close()).rejects.toThrow(/was overwritten/)
  })

  test('a database written over between a checkpoint and its record is noticed', async () => {
    const { path, storage } = await openWithEvents()
    await storage.close()
    const copy = readFileSync(path)
    const { db, meta, watch, close } = openInThread(path)
    db.pragma('wal_checkpoint(TRUNCATE)')
    writeFileSync(path, copy, { flag: 'r+' })
    watch.checkpointed(meta.commitNo)
    expect(watch.look()?.message).toMatch(/was overwritten/)
    close()
  })

  test('a database written over in its place by another one is noticed', async () => {
    const other = await openWithEvents()
    await other.storage.close()
    const { path, storage } = await openWithEvents()
    writeFileSync(path, readFileSync(other.path), { flag: 'r+' })
    expect((await storage.failed).message).toMatch(/was overwritten/)
    await expect(storage.close()).rejects.toThrow(/was overwritten/)
  })

  test('harmless changes are ignored: a touch, a backup beside it, its own truncated log', async () => {
    const { path, storage, told } = await openWithEvents()
    utimesSync(path, 1, 1)
    copyFileSync(path, `${path}.copy`)
    await until('its log was put away', () => statSync(`${path}-wal`).size === 0)
    await storage.append([event])
    const startedMs = performance.now()
    await until('it has looked again', () => performance.now() - startedMs > 1_100)
    expect(await storage.append([event])).toEqual([{ kind: 'appended', offset: 4 }])
    expect(told).toEqual([])
    await storage.close()
  })

  test('everything acknowledged is in a database that was renamed, and it opens when it is back', async () => {
    const { path, storage } = await openWithEvents()
    const elsewhere = join(dirname(path), 'elsewhere.db')
    renameSync(path, elsewhere)
    await storage.failed
    expect(statSync(`${path}-wal`).size).toBe(0)
    expect(await verifySqlite(elsewhere)).toMatchObject({ events: 2, faults: [] })
    await expect(storage.close()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    renameSync(elsewhere, path)
    const again = await openStorage(path)
    expect(again.epoch).toBe(storage.epoch)
    expect((await again.open('chat:a')).head).toBe(2)
    await again.close()
  })

  test('a removed database can be saved as the message says, with everything acknowledged', async () => {
    const { path, storage } = await openWithEvents()
    rmSync(path)
    const { message } = await storage.failed
    const [, source = ''] = /`cp (\/proc\/\d+\/fd\/\d+) rescued\.db`/.exec(message) ?? []
    copyFileSync(source, `${path}.rescued`)
    await expect(storage.close()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await verifySqlite(`${path}.rescued`)).toMatchObject({ events: 2, faults: [] })
    await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_BEHIND' })
    renameSync(`${path}.rescued`, path)
    const again = await openStorage(path)
    expect(again.epoch).toBe(storage.epoch)
    expect((await again.open('chat:a')).head).toBe(2)
    await again.close()
  })

  test('a removed write-ahead log takes nothing with it', async () => {
    const { path, storage } = await openWithEvents()
    rmSync(`${path}-wal`)
    await storage.failed
    await expect(storage.close()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const again = await openStorage(path)
    expect((await again.open('chat:a')).head).toBe(2)
    await again.close()
    expect((await verifySqlite(path)).faults).toEqual([])
  })
})
