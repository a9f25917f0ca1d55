import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { backupSqlite } from '../../src/server/storage/backup/backup.ts'
import { restoreSqlite } from '../../src/server/storage/backup/restore.ts'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { openStorage, temporaryDirectory } from './open-storage.ts'
import { runChild } from './run-child.ts'

const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const
let epochs = 0

function restore(file: string, path: string, force = false) {
  epochs += 1
  return restoreSqlite(file, path, { force, freshEpoch: `restored-${epochs}`, nowMs: Date.now() })
}

/** A database of two events, with a backup from when it had one. */
async function backedUp() {
  const directory = temporaryDirectory()
  const path = join(directory, 'data', 'r.db')
  const file = join(directory, 'a.db')
  const storage = await openStorage(path)
  await storage.append([event])
  await backupSqlite(path, file)
  await storage.append([event])
  await storage.close()
  const names = () => readdirSync(join(directory, 'data')).sort()
  return { directory, path, file, names, epoch: storage.epoch }
}

async function headOf(path: string): Promise<{ epoch: string; head: number }> {
  const storage = await openStorage(path)
  const { epoch, head } = await storage.open('chat:a')
  await storage.close()
  return { epoch, head }
}

test('a restore to an empty place creates the folder, and the log continues under a new epoch', async () => {
  const { directory, file, epoch } = await backedUp()
  const path = join(directory, 'another', 'place', 'r.db')
  const restored = await restore(file, path)
  expect(restored).toMatchObject({ channels: 1, events: 1, keptAs: undefined })
  const found = await headOf(path)
  expect(found).toEqual({ epoch: `restored-${epochs}`, head: 1 })
  expect(found.epoch).not.toBe(epoch)
  expect(await verifySqlite(path)).toMatchObject({ events: 1, faults: [] })
})

test('each restore of the same backup gets its own epoch and leaves the backup unchanged', async () => {
  const { path, file } = await backedUp()
  const before = readFileSync(file)
  await restore(file, path, true)
  const first = await headOf(path)
  await restore(file, path, true)
  const second = await headOf(path)
  expect(second.head).toBe(first.head)
  expect(second.epoch).not.toBe(first.epoch)
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('where a database is, a restore is refused; with force it takes its place and the old one is kept', async () => {
  const { path, file, names, epoch } = await backedUp()
  const before = names()
  await expect(restore(file, path)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/already.*--force/),
  })
  expect(names()).toEqual(before)
  expect(await headOf(path)).toEqual({ epoch, head: 2 })
  const { keptAs = '' } = await restore(file, path, true)
  expect(keptAs).toMatch(/r\.db-before-\d{8}T\d{6}Z$/)
  expect((await headOf(path)).head).toBe(1)
  expect(await headOf(keptAs)).toEqual({ epoch, head: 2 })
})

test('what was kept before is never replaced by what is kept now', async () => {
  const { path, file } = await backedUp()
  const nowMs = Date.now()
  const more = { force: true, freshEpoch: 'restored', nowMs }
  const first = await restoreSqlite(file, path, more)
  const second = await restoreSqlite(file, path, more)
  expect(second.keptAs).not.toBe(first.keptAs)
  expect((await headOf(first.keptAs ?? '')).head).toBe(2)
  expect((await headOf(second.keptAs ?? '')).head).toBe(1)
})

test('a database that was killed is kept with its write-ahead log, which does not get into the new one', async () => {
  const { path, file } = await backedUp()
  const { acks } = await runChild(
    { path, synchronous: 'FULL', events: 1_000, close: false },
    { killAt: (_line, count) => count >= 100 },
  )
  const { keptAs = '' } = await restore(file, path, true)
  expect(existsSync(`${path}-wal`)).toBe(false)
  expect(await verifySqlite(path)).toMatchObject({ events: 1, faults: [] })
  expect((await headOf(path)).head).toBe(1)
  expect((await headOf(keptAs)).head).toBeGreaterThanOrEqual(2 + (acks.get('chat:a')?.length ?? 0))
})

test('a database that was damaged, or is gone but for its head file, is replaced', async () => {
  const { path, file } = await backedUp()
  const damaged = readFileSync(path)
  damaged.fill(0xff, 0, 4_096)
  writeFileSync(path, damaged)
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' })
  await restore(file, path, true)
  expect((await headOf(path)).head).toBe(1)
  rmSync(path)
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_BEHIND' })
  await restore(file, path)
  expect((await headOf(path)).head).toBe(1)
})

test('while a server has the database a restore is refused with what to do, and the server notices nothing', async () => {
  const { path, file } = await backedUp()
  const storage = await openStorage(path)
  await expect(restore(file, path, true)).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
    message: expect.stringMatching(/stop the server, restore, then start it again/),
  })
  expect(await storage.append([event])).toEqual([{ kind: 'appended', offset: 3 }])
  await storage.close()
})

test('an incomplete backup is refused, and the database stays', async () => {
  const { directory, path, file, names, epoch } = await backedUp()
  await expect(restore(join(directory, 'none.db'), path, true)).rejects.toMatchObject({
    code: 'USAGE',
  })
  await expect(restore(path, path, true)).rejects.toMatchObject({ code: 'USAGE' })
  const notes = join(directory, 'notes.txt')
  writeFileSync(notes, 'These are my notes.\n'.repeat(100))
  await expect(restore(notes, path, true)).rejects.toMatchObject({ code: 'STORAGE_FOREIGN' })
  const damaged = new Database(file)
  damaged.exec("UPDATE events SET payload = x'7b7d7d'")
  damaged.close()
  await expect(restore(file, path, true)).rejects.toMatchObject({
    code: 'STORAGE_CORRUPT',
    message: expect.stringMatching(/chat:a, offset 1/),
  })
  const running = await openStorage(join(directory, 'running.db'))
  const copy = join(directory, 'copy.db')
  writeFileSync(copy, readFileSync(join(directory, 'running.db')))
  await running.close()
  await expect(restore(copy, path, true)).rejects.toMatchObject({ code: 'STORAGE_BEHIND' })
  expect(names().filter((name) => /restor|before/.test(name))).toEqual([])
  expect(await headOf(path)).toEqual({ epoch, head: 2 })
})

test('a restore that was interrupted when it was ready is finished by the next start, wherever it was', async () => {
  const { directory, path, file } = await backedUp()
  const prepared = join(directory, 'prepared.db')
  await restore(file, prepared)
  for (const moved of [[], ['-head'], ['-head', '']]) {
    await restore(file, path, true)
    await headOf(path)
    writeFileSync(`${path}-restore`, readFileSync(prepared))
    const { mtime } = statSync(`${path}-restore`)
    const kept = `${path}-before-${mtime.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
    for (const suffix of moved) renameSync(path + suffix, kept + suffix)
    if (moved.includes('')) {
      await expect(verifySqlite(path)).rejects.toThrow(/interrupted.*start the server/)
    }
    expect((await headOf(path)).head).toBe(1)
    expect(existsSync(`${path}-restore`)).toBe(false)
    expect(existsSync(kept)).toBe(true)
    expect(existsSync(`${kept}-head`)).toBe(true)
  }
})

test('the place may be named by a symbolic link, which stays one', async () => {
  const { directory, path, file } = await backedUp()
  mkdirSync(join(directory, 'links'))
  const link = join(directory, 'links', 'r.db')
  symlinkSync(path, link)
  const { keptAs = '' } = await restore(file, link, true)
  expect(keptAs.startsWith(path)).toBe(true)
  expect((await headOf(link)).head).toBe(1)
  expect((await headOf(path)).head).toBe(1)
})
