import { describe, expect, expectTypeOf, test } from 'vitest'
import type * as client from '../../src/client/index.ts'
import type { ServerMessage } from '../../src/protocol/index.ts'
import type * as server from '../../src/server/index.ts'
import { RefusedError } from '../../src/server/index.ts'
import { startServer } from '../documents/parts/own-server.ts'
import { connectRaw, joinedAt, type RawClient } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openClient } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

/** Names as users of Pusher and Ably have them, and those that every object has. */
const names = [
  'orders:42',
  'lobby',
  'room/1',
  'presence-room-1',
  'private-user@example.com',
  'a=b,c;d.e|f+g_h',
  'Chat:lobby',
  '..',
  '__proto__',
  'constructor:a',
  'x'.repeat(128),
]

const bodies = [
  { event: 'order-shipped', data: { id: 42, to: ['Ann'] } },
  'a text',
  0,
  false,
  null,
  [],
  { kind: 'say', text: '' },
]

type Signal = Extract<ServerMessage, { type: 'signal' }>
type Presence = Extract<ServerMessage, { type: 'presence' }>

function presencesIn({ messages }: RawClient): readonly Presence[] {
  return messages.filter((message) => message.type === 'presence')
}

describe.each(shapes)('plain channels of a default server, $shape', ({ edges }) => {
  const started = shared((atEnd) =>
    serve({ directory: temporaryDirectory(atEnd), edges, atEnd, storage: 'memory:' }),
  )

  test.each(names)('%s takes events, tells them, and has them in its history', async (channel) => {
    const { url } = started()
    const reader = await connectRaw(url, { id: 'bob' })
    const writer = await connectRaw(url, { id: 'ada' })
    const before = joinedAt(await reader.join(channel)).position.offset
    for (const [index, body] of bodies.entries()) {
      const id = `${edges}-${index}`
      expect(await writer.ask({ type: 'publish', channel, id, body })).toHaveProperty('ok.position')
    }
    await until('all came', () => reader.events(channel).length === bodies.length)
    const given = reader.events(channel).flatMap((event) => ('body' in event ? [event.body] : []))
    expect(given).toEqual(bodies)
    const { ok } = await writer.ask({ type: 'history', channel, after: before })
    expect(ok).toMatchObject({ events: bodies.map((body) => ({ channel, body })), more: false })
    const since = { epoch: joinedAt(await writer.join(channel)).position.epoch, offset: before }
    const returning = await connectRaw(url, { id: 'cy' })
    expect(await returning.join(channel, { since })).toMatchObject({ recovered: true })
    await until('what was missed came', () => returning.events(channel).length === bodies.length)
  })

  test('names that differ in one character are different channels', async () => {
    const { url } = started()
    const client = await connectRaw(url)
    const alike = ['near', 'Near', 'near/', 'near.', 'near=', 'near:1', 'near/1', 'near|1']
    for (const channel of alike) {
      await client.ask({ type: 'publish', channel, id: 'same', body: channel })
    }
    for (const channel of alike) {
      const { ok } = await client.ask({ type: 'history', channel })
      expect(ok).toMatchObject({ events: [{ offset: 1, body: channel }] })
    }
  })

  test('signals of any JSON go to who is there, and into no log', async () => {
    const { url } = started()
    const reader = await connectRaw(url, { id: 'bob' })
    const writer = await connectRaw(url, { id: 'ada' })
    await reader.join('signals/1')
    const body = { event: 'cursor', data: { x: 1 } }
    writer.send(JSON.stringify({ type: 'signal', channel: 'signals/1', body }))
    const heard = await reader.find((message): message is Signal => message.type === 'signal')
    expect(heard).toEqual({ type: 'signal', channel: 'signals/1', user: { id: 'ada' }, body })
    const { ok } = await writer.ask({ type: 'history', channel: 'signals/1' })
    expect(ok).toMatchObject({ events: [] })
  })

  test('a request is refused, since nothing would answer it', async () => {
    const client = await connectRaw(started().url)
    const { error } = await client.ask({ type: 'request', channel: 'lobby', body: 1 })
    expect(error).toMatchObject({
      code: 'BAD_COMMAND',
      message: 'plain channels answer no requests',
    })
  })

  test('the chat keeps its channels, and takes its own bodies only', async () => {
    const client = await connectRaw(started().url)
    const publish = (channel: string) =>
      client.ask({ type: 'publish', channel, id: channel, body: { event: 'paid' } })
    expect((await publish('chat:room/1')).error?.code).toBe('BAD_COMMAND')
    expect((await client.say('chat:room/1', 'hello')).ok).toBeDefined()
    expect(await publish('Chat:room/1')).toHaveProperty('ok')
  })

  test.each(['doc:notes', 'doc-history:notes'])(
    '%s is refused: it stores a document',
    async (channel) => {
      const client = await connectRaw(started().url)
      const error = {
        code: 'BAD_CHANNEL',
        message: expect.stringContaining('belongs to a document'),
      }
      expect(await client.join(channel)).toMatchObject({ error })
      for (const ask of [
        { type: 'publish', channel, id: 'x', body: 1 },
        { type: 'request', channel, body: 1 },
        { type: 'history', channel },
        { type: 'presence', channel },
      ] as const) {
        expect((await client.ask(ask)).error).toMatchObject(error)
      }
    },
  )

  test('what is not a name is refused with the name and the rule', async () => {
    const client = await connectRaw(started().url)
    const message = expect.stringMatching(/^"a b" is not a channel name: use 1 to 128 letters/)
    expect(await client.join('a b')).toMatchObject({ error: { code: 'BAD_CHANNEL', message } })
    const { error } = await client.ask({ type: 'history', channel: 'a b' })
    expect(error).toMatchObject({ code: 'BAD_CHANNEL', message })
  })

  describe('presence data', () => {
    test('is told beside its user, to those who are there and to who joins', async () => {
      const { url } = started()
      const watcher = await connectRaw(url, { id: 'bob' })
      await watcher.join('room/data', { presence: true })
      const ada = await connectRaw(url, { id: 'ada', name: 'Ada' })
      await ada.join('room/data')
      const track = (data: null | object) =>
        ada.ask({ type: 'track', channel: 'room/data', data: data as never })
      expect(await track({ color: 'red' })).toEqual(expect.objectContaining({ ok: {} }))
      const shown = { id: 'ada', name: 'Ada', data: { color: 'red' } }
      await until('it is told', () =>
        presencesIn(watcher).some(({ joined = [] }) => JSON.stringify(joined).includes('red')),
      )
      expect(presencesIn(watcher).flatMap(({ joined = [] }) => joined)).toContainEqual(shown)
      const late = await connectRaw(url, { id: 'cy' })
      const { presence } = joinedAt(await late.join('room/data', { presence: true }))
      expect(presence?.users).toContainEqual(shown)
      await track(null)
      await until('it is gone', () =>
        presencesIn(late).some(({ joined = [] }) => joined.some(({ id }) => id === 'ada')),
      )
      const { ok } = await late.ask({ type: 'presence', channel: 'room/data' })
      expect((ok as { users: object[] }).users).toContainEqual({ id: 'ada', name: 'Ada' })
    })

    test('is refused when it is too large, too deep, missing, or of a channel not joined', async () => {
      const client = await connectRaw(started().url, { id: 'dan' })
      const codeOf = async (channel: string, data: unknown) =>
        (await client.ask({ type: 'track', channel, data: data as never })).error?.code
      expect(await codeOf('room/bounds', 1)).toBe('BAD_COMMAND')
      await client.join('room/bounds')
      expect(await codeOf('room/bounds', 'x'.repeat(1_022))).toBeUndefined()
      expect(await codeOf('room/bounds', 'x'.repeat(1_023))).toBe('TOO_LARGE')
      const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as object
      expect(await codeOf('room/bounds', deep)).toBe('BAD_COMMAND')
      expect(await codeOf('room/bounds', undefined)).toBe('BAD_COMMAND')
    })
  })
})

test('who may only read a channel cannot show data in it', async () => {
  const { url } = await startServer({ permit: (_identity, _channel, act) => act === 'read' })
  const reader = await connectRaw(url, { id: 'eve' })
  joinedAt(await reader.join('room/1', { presence: true }))
  const { error } = await reader.ask({ type: 'track', channel: 'room/1', data: 'look at me' })
  expect(error?.code).toBe('DENIED')
  const { ok } = await reader.ask({ type: 'presence', channel: 'room/1' })
  expect(ok).toMatchObject({ users: [{ id: 'eve' }] })
})

test('`plain: false` refuses other channels and names what is served', async () => {
  const directory = temporaryDirectory()
  const { url } = await serve({ directory, config: '{ plain: false }', storage: 'memory:' })
  const client = await connectRaw(url)
  const message = 'no app serves "orders:42"; served are chat:*'
  expect(await client.join('orders:42')).toMatchObject({ error: { code: 'BAD_CHANNEL', message } })
  expect(joinedAt(await client.join('chat:a')).position.offset).toBe(0)
})

test('an app of its own name takes its channels out of the plain ones', async () => {
  const orders: server.App<null, 'only this'> = {
    name: 'orders',
    parse: (body) => (body === 'only this' ? body : undefined),
    decide: (_state, body) => ({ kind: 'publish', body, keep: 'log' }),
  }
  const rusher = await startServer({ apps: [orders] })
  await expect(rusher.publish('orders:42', 'any')).rejects.toMatchObject({ code: 'BAD_COMMAND' })
  expect(await rusher.publish('orders:42', 'only this')).toHaveProperty('position')
  expect(await rusher.publish('orders', 'any')).toHaveProperty('position')
})

describe('a publish of the server', () => {
  test('gives what a client gets', async () => {
    const rusher = await startServer()
    const lobby = openClient(rusher.url, 'ada').channel('lobby')
    const body = { event: 'order-shipped', data: { id: 42 } }
    const first = await lobby.publish(body)
    const second = await rusher.publish('lobby', body)
    expect(Object.keys(second).toSorted()).toEqual(Object.keys(first).toSorted())
    expect(second.position).toEqual({ ...first.position, offset: 2 })
    expectTypeOf<server.PublishReceipt>().toEqualTypeOf<client.PublishReceipt>()
    expect(await rusher.publish('lobby', body, { id: second.id })).toEqual({
      ...second,
      duplicate: true,
    })
  })

  test.each<[string, string, unknown, object, string]>([
    ['a name that is none', 'a b', 1, {}, 'BAD_CHANNEL'],
    ['the log of a document', 'doc:notes', 1, {}, 'BAD_CHANNEL'],
    ['a body that the app does not know', 'chat:a', { kind: 'conquer' }, {}, 'BAD_COMMAND'],
    ['an id with another body', 'lobby', 2, { id: 'once' }, 'ID_REUSED'],
    ['a body that is no JSON', 'lobby', 1n, {}, 'BAD_COMMAND'],
    ['a body that is too large', 'lobby', 'x'.repeat(40_000), {}, 'TOO_LARGE'],
  ])('rejects with a coded error for %s', async (_what, channel, body, options, code) => {
    const rusher = await startServer()
    await rusher.publish('lobby', 1, { id: 'once' })
    const error: unknown = await rusher
      .publish(channel, body as never, options)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RefusedError)
    expect(error).toMatchObject({ code, retry: false })
  })

  test('is refused while the server goes away', async () => {
    const rusher = await startServer()
    await rusher.close()
    await expect(rusher.publish('lobby', 1)).rejects.toMatchObject({ code: 'BUSY', retry: true })
  })
})
