import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { backupSqlite } from '../../src/server/storage/backup/backup.ts'
import { restoreSqlite } from '../../src/server/storage/backup/restore.ts'
import { verifySqlite } from '../../src/server/storage/verify/verify-log.ts'
import { fillUp, smallDisk, tryMount } from '../parts/small-disk.ts'
import { openStorage, temporaryDirectory } from './open-storage.ts'

const refusal = tryMount()
if (refusal !== undefined) {
  console.warn(refusal)
  test.skipIf(process.env['CI'] !== 'true')('a full disk can be tested', () => {
    expect.fail(refusal)
  })
}

describe.skipIf(refusal !== undefined)('full disk', () => {
  test('refuses appends with STORAGE_FULL, goes on reading, and recovers by itself', async () => {
    const directory = smallDisk()
    const path = join(directory, 'r.db')
    const storage = await openStorage(path)
    const acked: number[] = []
    const refused: number[] = []
    const append = async (n: number) => {
      const payload = JSON.stringify({ n, text: 'x'.repeat(2_000) })
      try {
        const [result] = await storage.append([
          { kind: 'event', channel: 'chat:a', payload, key: `key-${n}` },
        ])
        if (result?.kind === 'appended') acked.push(n)
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORAGE_FULL' })
        refused.push(n)
      }
    }

    for (let n = 0; n < 200; n += 1) await append(n)
    expect(refused).toEqual([])
    const ballast = fillUp(directory)
    for (let n = 1_000; n < 3_000 && refused.length < 20; n += 1) await append(n)
    expect(refused).toHaveLength(20)
    const { events } = await storage.readAfter('chat:a', 0, 10_000)
    expect(events).toHaveLength(acked.length)

    rmSync(ballast)
    await storage.probe()
    for (let n = 4_000; n < 4_100; n += 1) await append(n)
    expect(acked).toContain(4_099)
    for (const n of refused) expect(await storage.findKey('chat:a', `key-${n}`)).toBeUndefined()
    await storage.close()

    expect((await verifySqlite(path)).faults).toEqual([])
    const again = await openStorage(path)
    const page = await again.readAfter('chat:a', 0, 10_000)
    expect(
      page.events.map(({ payload }) => (JSON.parse(String(payload)) as { n: number }).n),
    ).toEqual(acked)
    await again.close()
  })

  test('a large commit that does not fit is gone as a whole, and a small one still fits', async () => {
    const directory = smallDisk()
    const storage = await openStorage(join(directory, 'r.db'))
    const large = Array.from({ length: 4_000 }, (_, n) => ({
      kind: 'event' as const,
      channel: `chat:${n % 50}`,
      payload: JSON.stringify({ n, text: 'x'.repeat(6_000) }),
    }))
    await expect(storage.append(large)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(await storage.channels('', 100)).toEqual([])
    await storage.append(large.slice(0, 1))
    expect((await storage.open('chat:0')).head).toBe(1)
    await storage.close()
  })

  test('an opening on a full disk is refused with STORAGE_FULL', async () => {
    const directory = smallDisk()
    const ballast = fillUp(directory)
    const path = join(directory, 'r.db')
    await expect(openStorage(path)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    rmSync(ballast)
    await (await openStorage(path)).close()
  })

  /** A database of about 4 MB. */
  async function databaseAt(path: string) {
    const storage = await openStorage(path)
    const payload = JSON.stringify({ text: 'x'.repeat(4_000) })
    await storage.append(
      Array.from({ length: 800 }, () => ({ kind: 'event', channel: 'chat:a', payload }) as const),
    )
    await storage.close()
  }

  test('a backup that does not fit ends with STORAGE_FULL, and the file that was there stays alone', async () => {
    const path = join(temporaryDirectory(), 'r.db')
    await databaseAt(path)
    const disk = smallDisk()
    const file = join(disk, 'a.db')
    for (const [size, taken] of [
      ['no page', 0],
      ['half of it', 2_000_000],
    ] as const) {
      await backupSqlite(path, file, { force: true })
      const old = readFileSync(file)
      const ballast = fillUp(disk, taken)
      await expect(backupSqlite(path, file, { force: true }), size).rejects.toMatchObject({
        code: 'STORAGE_FULL',
        message: expect.stringMatching(/a\.db cannot be written: the disk is full/),
      })
      expect(readdirSync(disk).sort()).toEqual(['a.db', 'ballast'])
      expect(readFileSync(file).equals(old)).toBe(true)
      rmSync(ballast)
    }
    expect(await backupSqlite(path, file, { force: true })).toMatchObject({ events: 800 })
  })

  test('a restore that does not fit ends with STORAGE_FULL, and the database stays as it is', async () => {
    const directory = temporaryDirectory()
    const source = join(directory, 'r.db')
    const file = join(directory, 'a.db')
    await databaseAt(source)
    await backupSqlite(source, file)
    const disk = smallDisk()
    const path = join(disk, 'r.db')
    const storage = await openStorage(path)
    await storage.append([{ kind: 'event', channel: 'chat:a', payload: '{}' }])
    await storage.close()
    const names = () => readdirSync(disk).filter((name) => name !== 'ballast')
    const before = names()
    const more = { force: true, freshEpoch: 'restored', nowMs: Date.now() }
    for (const taken of [0, 2_000_000]) {
      const ballast = fillUp(disk, taken)
      await expect(restoreSqlite(file, path, more)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
      expect(names().sort()).toEqual(before.sort())
      rmSync(ballast)
      const again = await openStorage(path)
      expect(await again.open('chat:a')).toEqual({ epoch: storage.epoch, begin: 1, head: 1 })
      await again.close()
    }
    expect(await restoreSqlite(file, path, more)).toMatchObject({ events: 800 })
  })
})
