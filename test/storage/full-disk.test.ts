import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifySqlite } from '../../src/server/storage/verify-log.ts'
import { fillUp, smallDisk, tryMount } from '../parts/small-disk.ts'
import { openStorage } from './open-storage.ts'

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
})
