import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { backupSqlite } from '../../src/server/storage/backup/backup.ts'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { busyFiling, openStorage, temporaryDirectory } from './open-storage.ts'
import { runChild } from './run-child.ts'

const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const

function folder() {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'backups'))
  return {
    directory,
    path: join(directory, 'r.db'),
    file: join(directory, 'backups', 'a.db'),
    backups: () => readdirSync(join(directory, 'backups')).sort(),
  }
}

test.each([
  { how: 'writes events', more: {} },
  { how: 'files what arrives', more: { filing: { ...busyFiling, runRows: 200 } } },
])(
  'a backup of a database into which a server $how has all that was acknowledged before it',
  async ({ more }) => {
    const { path, file, backups } = folder()
    const storage = await openStorage(path, more)
    let acked = 0
    let running = true
    const appending = (async () => {
      while (running) {
        await storage.append(Array.from({ length: 20 }, () => event))
        acked += 20
      }
    })()
    for (let round = 0; round < 5; round += 1) {
      const before = acked
      const { events, commitNo, channels } = await backupSqlite(path, file, { force: true })
      // One commit that was not acknowledged yet may be in it.
      expect(events).toBeGreaterThanOrEqual(before)
      expect(events).toBeLessThanOrEqual(acked + 20)
      expect(events % 20).toBe(0)
      expect(commitNo).toBeGreaterThan(0)
      expect(channels).toBe(events === 0 ? 0 : 1)
      expect(await verifySqlite(file)).toEqual({ channels, events, faults: [] })
    }
    running = false
    await appending
    await storage.close()
    expect(backups()).toEqual(['a.db'])
    expect((await verifySqlite(path)).faults).toEqual([])
  },
)

test('a backup opens, everything is in it, and its log continues under a new epoch each time', async () => {
  const { path, file } = folder()
  const storage = await openStorage(path)
  const payload = JSON.stringify({ text: 'kept' })
  await storage.append([{ ...event, payload, key: 'key-1', keySum: 7 }])
  await storage.append([{ kind: 'latest', channel: 'chat:a', name: 'n', payload }])
  await storage.append([{ ...event, payload: Uint8Array.of(0, 255) }])
  await storage.saveSnapshot('chat:a', 1, payload)
  await backupSqlite(path, file)
  await storage.append([event])
  await storage.close()
  const epochs = new Set([storage.epoch])
  for (let time = 0; time < 2; time += 1) {
    const place = `${path}-${time}`
    writeFileSync(place, readFileSync(file))
    const warnings: string[] = []
    const opened = await openStorage(place, { log: { warn: (text) => warnings.push(text) } })
    expect(warnings).toEqual([expect.stringMatching(/is a backup: its log continues under a new/)])
    epochs.add(opened.epoch)
    const { log, events } = await opened.readAfter('chat:a', 0, 10)
    expect(log).toEqual({ epoch: opened.epoch, begin: 1, head: 2 })
    expect(events.map((one) => one.payload)).toEqual([payload, Uint8Array.of(0, 255)])
    expect(await opened.findKey('chat:a', 'key-1')).toEqual({ offset: 1, keySum: 7 })
    expect(await opened.readLatest('chat:a', 9)).toEqual([{ name: 'n', payload }])
    expect(await opened.readSnapshot('chat:a')).toEqual({ offset: 1, payload })
    await opened.close()
    const again = await openStorage(place)
    expect(again.epoch).toBe(opened.epoch)
    await again.close()
  }
  expect(epochs.size).toBe(3)
})

test('a backup in the place of a database that had more is refused, until that is accepted', async () => {
  const { path, file } = folder()
  const storage = await openStorage(path)
  await storage.append([event])
  await backupSqlite(path, file)
  await storage.append([event])
  await storage.close()
  writeFileSync(path, readFileSync(file))
  await expect(openStorage(path)).rejects.toMatchObject({
    code: 'STORAGE_BEHIND',
    message: expect.stringMatching(/rusher restore/),
  })
  const accepted = await openStorage(path, { acceptLoss: true })
  expect(accepted.epoch).not.toBe(storage.epoch)
  await accepted.close()
})

test('a file that exists is replaced only when that is asked for, and only by a whole backup', async () => {
  const { directory, path, file, backups } = folder()
  const storage = await openStorage(path)
  await storage.append([event])
  writeFileSync(file, 'mine')
  await expect(backupSqlite(path, file)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/already exists.*--force/),
  })
  const interrupted = new Error('interrupted')
  const onProgress = () => {
    throw interrupted
  }
  await expect(backupSqlite(path, file, { force: true, onProgress })).rejects.toBe(interrupted)
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(backups()).toEqual(['a.db'])
  expect(await backupSqlite(path, file, { force: true })).toMatchObject({ events: 1 })
  expect(await verifySqlite(file)).toMatchObject({ events: 1, faults: [] })
  for (const own of [
    path,
    `${path}-wal`,
    `${path}-head`,
    join(directory, 'backups', '..', 'r.db'),
  ]) {
    await expect(backupSqlite(path, own, { force: true })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/is the database itself/),
    })
  }
  const other = await openStorage(join(directory, 'other.db'))
  await expect(
    backupSqlite(path, join(directory, 'other.db'), { force: true }),
  ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(/a database in use/) })
  await other.close()
  await storage.close()
})

test('a source that is missing or not a database, or an unwritable target, gives a code and leaves no file', async () => {
  const { directory, path, file, backups } = folder()
  await expect(backupSqlite(path, file)).rejects.toMatchObject({ code: 'STORAGE_PATH' })
  writeFileSync(join(directory, 'notes.txt'), 'These are my notes.\n'.repeat(100))
  await expect(backupSqlite(join(directory, 'notes.txt'), file)).rejects.toMatchObject({
    code: 'STORAGE_FOREIGN',
  })
  const storage = await openStorage(path)
  await storage.append([event])
  await expect(backupSqlite(path, join(directory, 'nowhere', 'a.db'))).rejects.toMatchObject({
    code: 'STORAGE_PATH',
  })
  expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  expect(backups()).toEqual([])
  await storage.close()
})

test('a database that is damaged or behind is not backed up, so that it takes no good backup with it', async () => {
  const { path, file, backups } = folder()
  const storage = await openStorage(path)
  await storage.append([event, event, event])
  await storage.close()
  const damaged = new Database(path)
  damaged.exec("UPDATE events SET payload = x'7b7d7d' WHERE offset = 2")
  damaged.close()
  writeFileSync(file, 'the good one')
  await expect(backupSqlite(path, file, { force: true })).rejects.toMatchObject({
    code: 'STORAGE_CORRUPT',
    message: expect.stringMatching(/chat:a, offset 2.*rusher verify/),
  })
  expect(readFileSync(file, 'utf8')).toBe('the good one')
  rmSync(path)
  const fresh = await openStorage(`${path}.fresh`)
  await fresh.close()
  writeFileSync(path, readFileSync(`${path}.fresh`))
  await expect(backupSqlite(path, file, { force: true })).rejects.toMatchObject({
    code: 'STORAGE_REPLACED',
  })
  expect(backups()).toEqual(['a.db'])
})

test('a database of an older version is backed up as a whole, and left as it is', async () => {
  const { path, file } = folder()
  const storage = await openStorage(path)
  await storage.append([event, event])
  await storage.close()
  const older = new Database(path)
  older.exec('DROP TABLE arrivals; DROP TABLE file')
  older.pragma('user_version = 1')
  older.close()
  expect(await backupSqlite(path, file)).toMatchObject({ events: 2 })
  const after = new Database(path, { readonly: true })
  expect(after.pragma('user_version', { simple: true })).toBe(1)
  after.close()
  const opened = await openStorage(file)
  expect((await opened.open('chat:a')).head).toBe(2)
  await opened.close()
})

test('a database that a killed server left is backed up with what is in its write-ahead log', async () => {
  const { path, file } = folder()
  const { acks } = await runChild(
    { path, synchronous: 'FULL', events: 1_000, close: false },
    { killAt: (_line, count) => count >= 100 },
  )
  const acked = [...acks.values()].reduce((sum, list) => sum + list.length, 0)
  expect((await backupSqlite(path, file)).events).toBeGreaterThanOrEqual(acked)
})

test('a database that is named by a symbolic link is verified and backed up with what lies beside it', async () => {
  const { directory, path, file } = folder()
  const link = join(directory, 'backups', 'link.db')
  symlinkSync(path, link)
  const storage = await openStorage(link)
  await storage.append([event])
  expect(await verifySqlite(link)).toMatchObject({ events: 1, faults: [] })
  expect(await backupSqlite(link, file)).toMatchObject({ events: 1 })
  await storage.close()
})

test('verify says that a file is a copy of a running database without its log', async () => {
  const { path, file } = folder()
  const storage = await openStorage(path)
  await storage.append([event])
  copyFileSync(path, file)
  await storage.close()
  expect((await verifySqlite(file)).faults).toEqual([
    { channel: '', what: expect.stringMatching(/a copy of a database that a server had open/) },
  ])
})

test('a backup removes what killed ones left, and not what running ones write', async () => {
  const { path, file, backups } = folder()
  const storage = await openStorage(path)
  await storage.append([event])
  // No process has that number: it is beyond what Linux gives.
  writeFileSync(`${file}.partial-99999999`, '')
  writeFileSync(`${file}.partial-99999999-journal`, '')
  writeFileSync(`${file}.partial-1`, '')
  writeFileSync(`${file}.partially`, '')
  await backupSqlite(path, file)
  expect(backups()).toEqual(['a.db', 'a.db.partial-1', 'a.db.partially'])
  await storage.close()
})

test('a backup may be read by whom the database may be read', async () => {
  const { path, file } = folder()
  const storage = await openStorage(path)
  await storage.append([event])
  await backupSqlite(path, file)
  expect(statSync(file).mode & 0o777).toBe(statSync(path).mode & 0o777)
  await storage.close()
})
