import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { busyFiling, openStorage, temporaryDirectory } from './open-storage.ts'

const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const

function startHolder(path: string) {
  const entry = fileURLToPath(new URL('./storage-child.ts', import.meta.url))
  const task = JSON.stringify({ path, synchronous: 'FULL', events: 1, close: false })
  return spawn(process.execPath, [entry, task], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('a missing directory is made where that is asked for, and refused where it is not', async () => {
  const path = join(temporaryDirectory(), 'a', 'b', 'r.db')
  await expect(openStorage(path, { createDirectory: false })).rejects.toMatchObject({
    code: 'STORAGE_PATH',
    message: expect.stringContaining('directory does not exist'),
  })
  const storage = await openStorage(path)
  await storage.append([event])
  await storage.close()
  expect((await verifySqlite(path)).events).toBe(1)
})

test('a directory, and a file where a directory should be, are refused', async () => {
  const directory = temporaryDirectory()
  await expect(openStorage(directory)).rejects.toMatchObject({ code: 'STORAGE_PATH' })
  writeFileSync(join(directory, 'file'), '')
  await expect(openStorage(join(directory, 'file', 'r.db'))).rejects.toMatchObject({
    code: 'STORAGE_PATH',
  })
})

test('a file that is no database is refused and left as it is', async () => {
  const path = join(temporaryDirectory(), 'notes.txt')
  const text = 'These are my notes, and nobody should write over them.\n'.repeat(100)
  writeFileSync(path, text)
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_FOREIGN' })
  expect(readFileSync(path, 'utf8')).toBe(text)
  await expect(verifySqlite(path)).rejects.toMatchObject({ code: 'STORAGE_FOREIGN' })
})

test("another program's database is refused and left as it is", async () => {
  const path = join(temporaryDirectory(), 'other.db')
  const other = new Database(path)
  other.exec('CREATE TABLE notes (text TEXT)')
  other.close()
  const before = readFileSync(path)
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_FOREIGN' })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a database of a newer version is refused, and the message says which', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  await (await openStorage(path)).close()
  const newer = new Database(path)
  newer.pragma('user_version = 99')
  newer.close()
  const refusal = {
    code: 'STORAGE_NEWER',
    message: expect.stringMatching(/version 99 .* up to 3.* Start the newer version again/),
  }
  await expect(openStorage(path)).rejects.toMatchObject(refusal)
  await expect(verifySqlite(path)).rejects.toMatchObject(refusal)
})

test('a database of the version before is verified as it is, and opened with all it has', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  const storage = await openStorage(path)
  await storage.append([event, event])
  await storage.close()
  const older = new Database(path)
  older.exec('DROP TABLE arrivals; DROP TABLE file')
  older.pragma('user_version = 1')
  older.close()
  expect(await verifySqlite(path)).toMatchObject({ events: 2, faults: [] })
  const again = await openStorage(path, { filing: busyFiling })
  expect(await again.append([event])).toEqual([{ kind: 'appended', offset: 3 }])
  await again.close()
  expect(await verifySqlite(path)).toMatchObject({ events: 3, faults: [] })
})

test('a second opening in the same process is refused until the first is closed', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  const first = await openStorage(path)
  await expect(openStorage(path)).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  // The refused opening must not have cost the first one its lock.
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_IN_USE' })
  await first.append([event])
  await first.close()
  const second = await openStorage(path)
  expect((await second.open('chat:a')).head).toBe(1)
  await second.close()
})

test('an opening by another name of the same file is the same file', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'a'))
  const first = await openStorage(join(directory, 'r.db'))
  await expect(openStorage(join(directory, 'a', '..', 'r.db'))).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
  })
  await first.close()
})

test('a second server is refused with the process that holds the file, and let in when that is killed', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  const holder = startHolder(path)
  for await (const line of createInterface({ input: holder.stdout })) if (line === 'end') break
  await expect(openStorage(path)).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
    message: expect.stringContaining(`process ${holder.pid}`),
  })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const storage = await openStorage(path)
  expect((await storage.open('chat:a')).head).toBe(1)
  await storage.close()
})

test('a damaged row is named at start; with its loss accepted it is refused when read, and the rest goes on', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  const storage = await openStorage(path)
  await storage.append([event, event, event, { ...event, channel: 'chat:b' }])
  await storage.close()
  const damaged = new Database(path)
  damaged.exec("UPDATE events SET payload = x'7b7d7d' WHERE channel_id = 1 AND offset = 2")
  damaged.close()
  const refusal = {
    code: 'STORAGE_CORRUPT',
    message: expect.stringMatching(/^chat:a at offset 2: .*rusher verify/),
  }
  await expect(openStorage(path)).rejects.toMatchObject(refusal)
  const again = await openStorage(path, { acceptLoss: true, makeEpoch: () => 'accepted' })
  expect(again.epoch).toBe('accepted')
  await expect(again.readAfter('chat:a', 0, 10)).rejects.toMatchObject(refusal)
  expect((await again.readAfter('chat:a', 2, 10)).events).toHaveLength(1)
  expect(await again.append([event, { ...event, channel: 'chat:b' }])).toEqual([
    { kind: 'appended', offset: 4 },
    { kind: 'appended', offset: 2 },
  ])
  await again.close()
  expect((await verifySqlite(path)).faults).toEqual([
    { channel: 'chat:a', offset: 2, what: 'the payload does not match its checksum' },
  ])
})

test.each([
  { how: 'uses it', more: {} },
  { how: 'files what arrives', more: { filing: { ...busyFiling, runRows: 200 } } },
])('a database can be verified while a server $how', async ({ more }) => {
  const path = join(temporaryDirectory(), 'r.db')
  const storage = await openStorage(path, more)
  let running = true
  const appending = (async () => {
    for (let n = 0; running; n += 1) {
      await storage.append(Array.from({ length: 20 }, () => event))
      if (n % 10 === 9) await storage.compact('chat:a', n * 10)
    }
  })()
  for (let time = 0; time < 20; time += 1) expect((await verifySqlite(path)).faults).toEqual([])
  running = false
  await appending
  await storage.close()
})

test('rows that were compacted away are deleted, also when the server was killed before', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  const storage = await openStorage(path)
  const batch = Array.from({ length: 4_000 }, (_, n) => ({ ...event, key: `key-${n}` }))
  await storage.append(batch)
  await storage.compact('chat:a', 3_990)
  await storage.close()
  const again = await openStorage(path)
  const reader = new Database(path, { readonly: true })
  const count = reader.prepare<[], number>('SELECT count(*) FROM events').pluck()
  while (count.get() !== 10) await again.probe()
  reader.close()
  await again.close()
  expect((await verifySqlite(path)).faults).toEqual([])
})

test.each([
  { where: 'at its place', more: {} },
  { where: 'where it arrived', more: { filing: { ...busyFiling, runRows: 1_000 } } },
  { where: 'in both places', more: { filing: { ...busyFiling, runRows: 2 } } },
])(
  'a payload erased $where is in none of the files once the storage is closed',
  async ({ more }) => {
    const directory = temporaryDirectory()
    const path = join(directory, 'r.db')
    const secrets = ['SECRET-small', `SECRET-large ${'x'.repeat(20_000)} SECRET-end`]
    const storage = await openStorage(path, more)
    for (const text of secrets) {
      const [result] = await storage.append([{ ...event, payload: JSON.stringify({ text }) }])
      const offset = result?.kind === 'appended' ? result.offset : 0
      await storage.append([{ ...event, erase: offset }])
    }
    await storage.close()
    expect(readFileSync(path).includes('SECRET')).toBe(false)
  },
)
