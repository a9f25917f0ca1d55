import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { JoinReply } from '../../src/protocol/index.ts'
import { connectRaw, joinedAt } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

describe.each(shapes)('limits of a session, $shape', ({ edges }) => {
  const server = shared((atEnd) => serve({ directory: temporaryDirectory(atEnd), edges, atEnd }))

  test('a publish beyond the rate is refused with the time to wait, which is enough', async () => {
    const client = await connectRaw(server().url, { id: 'eager' })
    const other = await connectRaw(server().url, { id: 'other' })
    const said = await Promise.all(
      Array.from({ length: 40 }, (_, index) => client.say('chat:rate', String(index))),
    )
    const refused = said.flatMap(({ error }) => (error === undefined ? [] : [error]))
    expect(said.length - refused.length).toBeGreaterThanOrEqual(30)
    expect(refused.length).toBeGreaterThan(0)
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retry: true })
      expect(error.retryAfterMs).toBeGreaterThan(0)
      expect(error.retryAfterMs).toBeLessThanOrEqual(1_000)
    }
    expect((await other.say('chat:rate', 'not held back')).ok).toBeDefined()
    // What is waited for is the time that the server named.
    await pause(refused.at(-1)?.retryAfterMs)
    expect((await client.say('chat:rate', 'later')).ok).toBeDefined()
  })

  test('commands far beyond the rate close 4101', async () => {
    const client = await connectRaw(server().url)
    const other = await connectRaw(server().url, { id: 'other' })
    for (let frame = 0; frame < 10; frame += 1) {
      client.send(`[${Array(60).fill('{"type":"ping","ref":9}').join(',')}]`)
    }
    expect(await client.closed).toMatchObject({ code: 4101 })
    const refusals = client.messages.filter((message) => 'error' in message)
    expect(refusals.length).toBeGreaterThanOrEqual(200)
    expect(refusals.at(-1)).toMatchObject({ error: { code: 'RATE_LIMITED' } })
    expect(await other.ask({ type: 'ping' })).toHaveProperty('ok')
  })

  test('one channel too many is refused alone', async () => {
    const client = await connectRaw(server().url)
    const join = async (names: readonly string[]) => {
      const channels = names.map((channel) => ({ channel }))
      const { ok } = await client.ask({ type: 'join', channels })
      return (ok as JoinReply).channels.map((one) => ('error' in one ? one.error.code : 'joined'))
    }
    const names = Array.from({ length: 130 }, (_, index) => `chat:many-${index}`)
    expect(new Set(await join(names.slice(0, 64)))).toEqual(new Set(['joined']))
    expect(new Set(await join(names.slice(64, 127)))).toEqual(new Set(['joined']))
    expect(await join(names.slice(127))).toEqual([
      'joined',
      'TOO_MANY_CHANNELS',
      'TOO_MANY_CHANNELS',
    ])
    await client.ask({ type: 'leave', channels: ['chat:many-0'] })
    expect(await join(['chat:many-129'])).toEqual(['joined'])
  })

  test('65 channels in one join are refused together', async () => {
    const client = await connectRaw(server().url)
    const channels = Array.from({ length: 65 }, (_, index) => ({ channel: `chat:j-${index}` }))
    expect((await client.ask({ type: 'join', channels })).error?.code).toBe('BAD_COMMAND')
  })

  test('a name that is none is BAD_CHANNEL wherever it is used', async () => {
    const client = await connectRaw(server().url)
    const bad = ['', 'chat:', ':lobby', 'chat:a b', 'chat:ä', 'chat:<a>', `chat:${'x'.repeat(124)}`]
    for (const channel of bad) {
      expect(await client.join(channel)).toMatchObject({ error: { code: 'BAD_CHANNEL' } })
      for (const ask of [
        { type: 'publish', channel, id: 'x', body: 1 },
        { type: 'request', channel, body: 1 },
        { type: 'history', channel },
        { type: 'presence', channel },
        { type: 'track', channel, data: 1 },
      ] as const) {
        expect([channel, (await client.ask(ask)).error?.code]).toEqual([channel, 'BAD_CHANNEL'])
      }
    }
    expect(joinedAt(await client.join(`chat:${'x'.repeat(123)}`)).recovered).toBe(false)
  })

  test('joining twice, and leaving what was never joined, change nothing', async () => {
    const client = await connectRaw(server().url)
    joinedAt(await client.join('chat:once'))
    expect(await client.join('chat:once')).toMatchObject({ error: { code: 'BAD_COMMAND' } })
    expect(await client.ask({ type: 'leave', channels: ['chat:never'] })).toHaveProperty('ok')
    expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
  })
})
