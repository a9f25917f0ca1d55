import { describe, expect, test } from 'vitest'
import type { Json } from '../protocol/message.ts'
import type { Channel } from './client.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import { admit, answerJoin, lastRef, ok, type Stage, stage, welcome } from './test-parts/stage.ts'

type When = 'offline' | 'online'

/** A client with a good channel, whose publish and request wait; what is bad must not touch them. */
async function prepared(when: When): Promise<{ at: Stage; good: Channel }> {
  const at = stage()
  const good = at.client.channel('chat:good')
  if (when === 'online') await answerJoin(await admit(at))
  good.publish('first')
  return { at, good }
}

/** What the good channel does afterwards. */
async function expectUnharmed(at: Stage, when: When, good: Channel): Promise<FakeSocket> {
  const asked = good.request('still there?')
  await settle()
  const socket = when === 'online' ? at.socket : await admit(at)
  if (when === 'offline') await answerJoin(socket)
  expect(socket.sent('publish').map(({ body }) => body)).toEqual(['first'])
  ok(socket, lastRef(socket, 'request'), { body: 'yes' })
  await expect(asked).resolves.toBe('yes')
  expect(at.client.getSnapshot()).toMatchObject({ state: 'online', pending: 1 })
  expect(good.getSnapshot().state).toBe('joined')
  return socket
}

const circular: Json[] = []
circular.push(circular)
let deep: Json = 1
for (let level = 0; level < 40; level += 1) deep = [deep]

const bodies: readonly [string, unknown, string][] = [
  ['too deep', deep, 'BAD_COMMAND'],
  ['too large', 'x'.repeat(70_000), 'TOO_LARGE'],
  ['circular', circular, 'BAD_COMMAND'],
  ['with the key __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'BAD_COMMAND'],
  ['a BigInt', { n: 1n }, 'BAD_COMMAND'],
  ['undefined', undefined, 'BAD_COMMAND'],
  ['a function', () => 1, 'BAD_COMMAND'],
]

const names: readonly [string, unknown][] = [
  ['too long', `chat:${'x'.repeat(70_000)}`],
  ['a little too long', `chat:${'x'.repeat(200)}`],
  ['empty', ''],
  ['with characters that no name has', 'chat:\u0000'],
  ['with a space', 'my room'],
  ['no string', 7],
]

describe.each<When>(['online', 'offline'])('%s', (when) => {
  test.each(bodies)('a body that is %s rejects that call only', async (_what, body, code) => {
    const { at, good } = await prepared(when)
    const told: string[] = []
    const channel = at.client.channel('chat:good')
    channel.on('error', (fault) => told.push(fault.code))
    await expect(channel.publish(body as Json)).rejects.toMatchObject({ code, retry: false })
    await expect(channel.request(body as Json)).rejects.toMatchObject({ code, retry: false })
    await expect(channel.track(body as Json)).rejects.toMatchObject({ code, retry: false })
    channel.signal(body as Json)
    expect(told).toEqual([code, code])
    const socket = await expectUnharmed(at, when, good)
    expect([socket.sent('signal'), socket.sent('track')]).toEqual([[], []])
    expect(socket.sent('request').length).toBe(1)
  })

  test.each(names)('a channel name that is %s is refused alone', async (_what, name) => {
    const { at, good } = await prepared(when)
    const bad = at.client.channel(name as string)
    const told: string[] = []
    bad.on('error', (fault) => told.push(fault.code))
    expect(bad.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'BAD_CHANNEL' } })
    const refused = { code: 'BAD_CHANNEL', retry: false }
    await expect(bad.publish(1)).rejects.toMatchObject(refused)
    await expect(bad.request(1)).rejects.toMatchObject(refused)
    await expect(bad.history()).rejects.toMatchObject(refused)
    await expect(bad.loadOlder()).rejects.toMatchObject(refused)
    await expect(bad.presence()).rejects.toMatchObject(refused)
    await expect(bad.track(1)).rejects.toMatchObject(refused)
    bad.signal(1)
    expect(told).toEqual(['BAD_CHANNEL', 'BAD_CHANNEL', 'BAD_CHANNEL'])
    const socket = await expectUnharmed(at, when, good)
    expect(socket.frames.flat().filter((one) => JSON.stringify(one).length > 1000)).toEqual([])
    expect(socket.sent('join').flatMap(({ channels }) => channels)).toMatchObject([
      { channel: 'chat:good' },
    ])
    bad.leave()
    expect(at.client.channel(name as string)).not.toBe(bad)
  })

  test.each([
    ['too long', { id: 'x'.repeat(65) }],
    ['empty', { id: '' }],
    ['no string', { id: 7 as never }],
    ['with an offset that is none', { expect: -1 }],
    ['with an offset that is no number', { expect: 'head' as never }],
  ])('a publish whose id is %s rejects alone', async (_what, options) => {
    const { at, good } = await prepared(when)
    await expect(good.publish(1, options)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
    expect(good.getSnapshot().pending).toMatchObject([{ id: 'm1' }, { state: 'failed' }])
    await expectUnharmed(at, when, good)
  })

  test.each([
    { before: -1 },
    { after: 1.5 },
    { before: 1, after: 1 },
    { limit: 0 },
    { limit: 101 },
    { limit: Number.NaN },
    { before: '1' as never },
  ])('a page of history that is %j rejects alone', async (page) => {
    const { at, good } = await prepared(when)
    await expect(good.history(page)).rejects.toMatchObject({ code: 'BAD_COMMAND', retry: false })
    const socket = await expectUnharmed(at, when, good)
    expect(socket.sent('history')).toEqual([])
  })

  test.each([0, 101, Number.NaN])('loadOlder(%j) rejects alone', async (limit) => {
    const { at, good } = await prepared(when)
    await expect(good.loadOlder(limit)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
    await expectUnharmed(at, when, good)
  })

  test.each([
    null,
    {},
    'e:5',
    { epoch: 'e' },
    { epoch: 'e', offset: -1 },
    { epoch: 'e'.repeat(200), offset: 1 },
  ])('a position to start from that is %j refuses that channel alone', async (since) => {
    const { at, good } = await prepared(when)
    const bad = at.client.channel('chat:bad', { since: since as never })
    expect(bad.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'BAD_COMMAND' } })
    const socket = await expectUnharmed(at, when, good)
    expect(socket.sent('join').flatMap(({ channels }) => channels)).toMatchObject([
      { channel: 'chat:good' },
    ])
  })
})

describe('the limits', () => {
  test('are those that the server told, also after its connection was lost', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const limits = { ...welcome.limits, bodyBytesMax: 10, jsonDepthMax: 3, idCharsMax: 4 }
    const socket = await admit(at, { limits })
    for (const _ of ['online', 'offline']) {
      await expect(channel.publish('x'.repeat(9))).rejects.toMatchObject({ code: 'TOO_LARGE' })
      await expect(channel.publish([[[1]]])).rejects.toMatchObject({ code: 'BAD_COMMAND' })
      await expect(channel.publish(1, { id: '12345' })).rejects.toMatchObject({
        code: 'BAD_COMMAND',
      })
      socket.drop()
    }
    channel.publish([[1]], { id: '1234' })
    expect(at.client.getSnapshot().pending).toBe(1)
  })

  test('are the defaults where an older server does not tell them', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const { jsonDepthMax: _, idCharsMax: __, ...limits } = welcome.limits
    await admit(at, { limits: limits as never })
    await expect(channel.publish(deep)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
    await expect(channel.publish(1, { id: 'x'.repeat(65) })).rejects.toMatchObject({
      code: 'BAD_COMMAND',
    })
  })

  test('a command that was queued and that no frame of the server can carry fails alone', async () => {
    const at = stage()
    const [a, b] = [at.client.channel('chat:a'), at.client.channel('chat:b')]
    const large = a.publish('x'.repeat(5_000))
    const asked = a.request('x'.repeat(5_000))
    const lost = Promise.all([
      expect(large).rejects.toMatchObject({ code: 'TOO_LARGE', retry: false }),
      expect(asked).rejects.toMatchObject({ code: 'TOO_LARGE', retry: false }),
    ])
    a.publish('small')
    b.publish('other')
    const socket = await admit(at, { limits: { ...welcome.limits, frameBytesMax: 2_000 } })
    await lost
    await settle()
    expect(socket.sent('publish').map(({ body }) => body)).toEqual(['other', 'small'])
    expect(a.getSnapshot().pending).toMatchObject([{ state: 'failed' }, { body: 'small' }])
    expect(at.client.getSnapshot().state).toBe('online')
  })

  test('a page without a limit is left to the server', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at, { limits: { ...welcome.limits, historyEventsMax: 10 } })
    await answerJoin(socket, 40)
    channel.loadOlder()
    await settle()
    expect(socket.sent('history')).toMatchObject([{ before: 41 }])
    expect(socket.sent('history')[0]?.limit).toBeUndefined()
  })
})
