import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStorage, temporaryDirectory } from './open-storage.ts'
import { runChild } from './run-child.ts'

/*
 * How a start handles files that are not the ones that commits were made to. `openStorage` gives
 * each new log its own epoch.
 */

const event = { kind: 'event', channel: 'chat:a', payload: '{}' } as const

/** Creates a closed database with this many events. */
async function closedWith(path: string, events: number): Promise<string> {
  const storage = await openStorage(path)
  for (let n = 0; n < events; n += 1) await storage.append([event])
  await storage.close()
  return storage.epoch
}

/**
 * The files of a server that was killed with commits in its write-ahead log. Gives how many events
 * were acknowledged.
 */
async function killedAt(path: string): Promise<number> {
  const { acks } = await runChild(
    { path, synchronous: 'FULL', events: 1_000, close: false },
    { killAt: (_line, count) => count >= 100 },
  )
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
  return acks.get('chat:a')?.length ?? 0
}

test('a copy of a database that a server has open, without its log, is refused with the recipe', async () => {
  const directory = temporaryDirectory()
  const storage = await openStorage(join(directory, 'r.db'))
  await storage.append([event])
  const copy = join(directory, 'copy.db')
  copyFileSync(join(directory, 'r.db'), copy)
  await storage.close()
  const refusal = {
    code: 'STORAGE_BEHIND',
    message: expect.stringMatching(/without its write-ahead log.*rusher backup/),
  }
  await expect(openStorage(copy)).rejects.toMatchObject(refusal)
  // The refused opening must not have left a log beside it that would let the next one in.
  await expect(openStorage(copy)).rejects.toMatchObject(refusal)
  expect(existsSync(`${copy}-wal`)).toBe(false)
  const accepted = await openStorage(copy, { acceptLoss: true })
  expect(accepted.epoch).not.toBe(storage.epoch)
  await accepted.close()
  await (await openStorage(copy)).close()
})

test('a copy of a database whose server was killed, without its log, is refused with the recipe', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'r.db')
  await killedAt(path)
  const copy = join(directory, 'copy.db')
  copyFileSync(path, copy)
  await expect(openStorage(copy)).rejects.toMatchObject({
    code: 'STORAGE_BEHIND',
    message: expect.stringMatching(/rusher backup/),
  })
})

test('a copy of a database that was closed opens, under the same epoch', async () => {
  const directory = temporaryDirectory()
  const epoch = await closedWith(join(directory, 'r.db'), 3)
  copyFileSync(join(directory, 'r.db'), join(directory, 'copy.db'))
  const copy = await openStorage(join(directory, 'copy.db'))
  expect(copy.epoch).toBe(epoch)
  expect((await copy.open('chat:a')).head).toBe(3)
  await copy.close()
})

test('an older copy in the place of a database is refused', async () => {
  const path = join(temporaryDirectory(), 'r.db')
  await closedWith(path, 1)
  copyFileSync(path, `${path}.old`)
  await closedWith(path, 1)
  copyFileSync(`${path}.old`, path)
  await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_BEHIND' })
})

test("another server's database in the place of one is refused, whichever has more commits", async () => {
  const directory = temporaryDirectory()
  const few = join(directory, 'few.db')
  const many = join(directory, 'many.db')
  const epochs = [await closedWith(few, 1), await closedWith(many, 20)]
  for (const [from, to] of [
    [few, many],
    [many, few],
  ] as const) {
    const folder = join(directory, `in-place-of-${to === few ? 'few' : 'many'}`)
    mkdirSync(folder)
    const path = join(folder, 'r.db')
    copyFileSync(from, path)
    copyFileSync(`${to}-head`, `${path}-head`)
    const refusal = {
      code: 'STORAGE_REPLACED',
      message: expect.stringMatching(
        /(another|different) database.*Put the right file back.*--accept-loss/,
      ),
    }
    await expect(openStorage(path)).rejects.toMatchObject(refusal)
    const warnings: string[] = []
    const accepted = await openStorage(path, {
      acceptLoss: true,
      log: { warn: (message) => warnings.push(message) },
    })
    expect(warnings).toEqual([expect.stringMatching(/a different database/)])
    expect(epochs).not.toContain(accepted.epoch)
    await accepted.close()
    const again = await openStorage(path)
    expect(again.epoch).toBe(accepted.epoch)
    await again.close()
  }
})

test('a database in the place of one whose write-ahead log is still there is refused, and not mixed with it', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'r.db')
  const older = join(directory, 'older.db')
  await closedWith(path, 5)
  copyFileSync(path, older)
  await closedWith(path, 1)
  const acked = await killedAt(path)
  renameSync(path, join(directory, 'right.db'))
  const another = join(directory, 'another.db')
  await closedWith(another, 40)
  for (const wrong of [older, another]) {
    copyFileSync(wrong, path)
    for (const acceptLoss of [false, true]) {
      await expect(openStorage(path, { acceptLoss })).rejects.toMatchObject({
        code: 'STORAGE_REPLACED',
        message: expect.stringMatching(/left unchanged.*Put the right file back/),
      })
    }
  }
  rmSync(path)
  renameSync(join(directory, 'right.db'), path)
  const again = await openStorage(path)
  // What was on disk when the kill came may be more than what was acknowledged.
  expect((await again.open('chat:a')).head).toBeGreaterThanOrEqual(6 + acked)
  await again.close()
})

test('a file under two names is one database: the second name is refused while the first has it open', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'elsewhere'))
  const path = join(directory, 'r.db')
  const other = join(directory, 'elsewhere', 'other.db')
  await closedWith(path, 1)
  linkSync(path, other)
  const first = await openStorage(path)
  const refusal = {
    code: 'STORAGE_IN_USE',
    message: expect.stringMatching(/hard links/),
  }
  await expect(openStorage(other)).rejects.toMatchObject(refusal)
  await expect(openStorage(other)).rejects.toMatchObject(refusal)
  expect(await first.append([event])).toEqual([{ kind: 'appended', offset: 2 }])
  await first.close()
  const second = await openStorage(other)
  await expect(openStorage(path)).rejects.toMatchObject(refusal)
  expect((await second.open('chat:a')).head).toBe(2)
  await second.close()
})

test('a link that is made while a server runs is refused, and so is one to a database that was killed', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'r.db')
  const other = join(directory, 'other.db')
  const first = await openStorage(path)
  await first.append([event])
  linkSync(path, other)
  await expect(openStorage(other)).rejects.toMatchObject({ code: 'STORAGE_IN_USE' })
  await first.close()

  const killed = join(directory, 'killed.db')
  const acked = await killedAt(killed)
  linkSync(killed, join(directory, 'killed-too.db'))
  await expect(openStorage(join(directory, 'killed-too.db'))).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
  })
  const again = await openStorage(killed)
  expect((await again.open('chat:a')).head).toBeGreaterThanOrEqual(acked)
  await again.close()
})
