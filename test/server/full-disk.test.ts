import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkHistory } from '../../src/testing/index.ts'
import { connectRaw } from '../parts/raw-client.ts'
import { readLog } from '../parts/read-log.ts'
import { serve } from '../parts/serve.ts'
import { fillUp, smallDisk, tryMount } from '../parts/small-disk.ts'
import { openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

const refusal = tryMount()
if (refusal !== undefined) {
  console.warn(refusal)
  test.skipIf(process.env['CI'] !== 'true')('a full disk can be tested', () => {
    expect.fail(refusal)
  })
}

describe.skipIf(refusal !== undefined)('a server whose disk is full', () => {
  test('refuses publishes, goes on reading, and takes them again when there is room', async () => {
    const directory = smallDisk()
    const { url } = await serve({ directory, config: `{ limits: { ${openLimits} } }` })
    const client = await connectRaw(url)
    await client.join('chat:a')
    const attempts: Parameters<typeof checkHistory>[0]['attempts'][number][] = []
    let time = 0
    const say = async (id: string) => {
      const invokedMs = time++
      const { ok, error } = await client.say('chat:a', 'x'.repeat(3_000), id)
      const settledAt = time++
      attempts.push({
        channel: 'chat:a',
        id,
        invokedMs,
        outcome:
          ok?.position === undefined
            ? { kind: 'refused' }
            : { kind: 'ok', offset: ok.position.offset, atMs: settledAt },
      })
      return error
    }

    for (let n = 0; n < 50; n += 1) expect(await say(`before-${n}`)).toBeUndefined()
    const ballast = fillUp(directory)
    let refused = await say('full-0')
    for (let n = 1; refused === undefined && n < 2_000; n += 1) refused = await say(`full-${n}`)
    expect(refused).toMatchObject({ code: 'STORAGE_FULL', retry: true })
    expect((await readLog(client, 'chat:a')).events.length).toBeGreaterThanOrEqual(50)

    rmSync(ballast)
    await until('room again', async () => (await say(`after-${time}`)) === undefined)
    const logs = [await readLog(client, 'chat:a')]
    expect(checkHistory({ logs, attempts, subscriptions: [] })).toEqual([])
  })
})
