import { describe, expect, test } from 'vitest'
import { metric } from '../parts/metrics.ts'
import { connectRaw, joinedAt, type RawClient } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

const channel = 'chat:busy'
const text = 'x'.repeat(16_000)
const megabyte = 1024 * 1024

/** Publishes so many megabytes, some at a time. */
async function publish(writer: RawClient, megabytes: number): Promise<void> {
  const count = Math.ceil((megabytes * megabyte) / text.length)
  for (let sent = 0; sent < count; sent += 32) {
    const batch = Array.from({ length: Math.min(32, count - sent) }, () =>
      writer.say(channel, text),
    )
    for (const { error } of await Promise.all(batch)) expect(error).toBeUndefined()
  }
}

describe.each(shapes)('a reader that stops reading a busy channel, $shape', ({ edges }) => {
  const start = (limits: string) =>
    serve({
      directory: temporaryDirectory(),
      edges,
      config: `{ chat: { textCharsMax: 20000 }, limits: { ${openLimits}, ${limits} } }`,
    })

  test('is sent what its pipe holds and no more, slows nobody, and catches up without a gap', async () => {
    const { url } = await start('stalledMs: 60000')
    const writer = await connectRaw(url, { id: 'writer' })
    const reader = await connectRaw(url, { id: 'reader' })
    await reader.join(channel)
    const stalled = await connectRaw(url, { id: 'stalled' })
    const joined = joinedAt(await stalled.join(channel))
    stalled.socket.pause()
    await publish(writer, 48)
    const count = Math.ceil((48 * megabyte) / text.length)
    await until('the others have it all', () => reader.events().length === count, 2_000)

    // One copy went to the good reader. Of the other, a page and the kernels' buffers are all that left the log: what was
    // never given to a pipe waits in none.
    const sent = await metric(url, 'rusher_bytes_sent_total')
    expect(sent).toBeLessThan((48 + 10) * 1.05 * megabyte)
    expect(await metric(url, 'rusher_readers_lagged_total')).toBeGreaterThan(0)

    stalled.socket.resume()
    await until('it has caught up', () => stalled.events().length === count, 30_000)
    const first = joined.position.offset + 1
    expect(stalled.events().map(({ offset }) => offset)).toEqual(
      Array.from({ length: count }, (_, index) => first + index),
    )
    await writer.say(channel, 'live again')
    await until('it is live again', () => stalled.events().length === count + 1)
  })

  test('is closed 4001 when it never reads again', async () => {
    const { url } = await start('stalledMs: 500')
    const writer = await connectRaw(url, { id: 'writer' })
    const stalled = await connectRaw(url, { id: 'stalled' })
    await stalled.join(channel)
    stalled.socket.pause()
    await publish(writer, 24)
    const closed = 'rusher_sessions_closed_total{reason="SLOW_READER"}'
    await until('it was given up', async () => (await metric(url, closed)) === 1)
    stalled.socket.resume()
    expect(await stalled.closed).toMatchObject({ code: 4001 })
    expect(await writer.ask({ type: 'ping' })).toHaveProperty('ok')
  })
})
