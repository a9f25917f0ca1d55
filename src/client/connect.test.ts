import { describe, expect, test } from 'vitest'
import { earlyFrameOf } from '../protocol/early-frame.ts'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, logged, ok, stage, welcome } from './test-parts/stage.ts'

describe('connecting', () => {
  test('connect goes first, and joins and publishes follow its reply in one frame', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    channel.publish('hello')
    await settle()
    expect(at.socket.url).toBe('ws://example.test/rusher')
    const socket = await admit(at)
    expect(socket.frames.map((frame) => frame.map((one) => one.type))).toEqual([
      ['connect'],
      ['join', 'publish'],
    ])
    expect(at.client.getSnapshot()).toMatchObject({ state: 'online', user: { id: 'ada' } })
  })

  test('a publish resolves at its acknowledgement and shows until its event is there', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const receipt = channel.publish('hello')
    const socket = await admit(at)
    await answerJoin(socket, 4)
    ok(socket, lastRef(socket, 'publish'), {
      position: { epoch: 'e', offset: 5 },
      durability: 'disk',
    })
    await expect(receipt).resolves.toEqual({
      id: 'm1',
      position: { epoch: 'e', offset: 5 },
      durability: 'disk',
    })
    expect(channel.getSnapshot()).toMatchObject({
      pending: [{ id: 'm1', state: 'sent' }],
      events: [],
    })
    socket.say(logged(5, { id: 'm1', user: 'ada', body: 'hello' }))
    expect(channel.getSnapshot()).toMatchObject({ pending: [], events: [{ offset: 5 }] })
  })

  test('after a drop, channels are joined where they were and publishes go again in order', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const first = await admit(at)
    await answerJoin(first, 4)
    first.say(logged(5))
    channel.publish('one')
    channel.publish('two')
    await settle()
    expect(first.sent('publish').map((one) => one.id)).toEqual(['m1'])
    first.drop()
    expect(at.client.getSnapshot()).toMatchObject({ state: 'offline', pending: 2 })
    await at.clock.advance(20_000)
    const second = await admit(at)
    expect(second.sent('join')[0]?.channels).toEqual([
      { channel: 'chat:a', since: { epoch: 'e', offset: 5 } },
    ])
    ok(second, lastRef(second, 'publish'), { durability: 'disk' })
    await settle()
    expect(second.sent('publish').map((one) => one.id)).toEqual(['m1', 'm2'])
  })
})

describe('a connect that comes with the upgrade', () => {
  test('is not said again when the server has taken it up, and is when it has not', async () => {
    for (const [taken, frames] of [
      ['rusher', []],
      ['', [['connect']]],
    ] as const) {
      const at = stage()
      await settle()
      const offered = earlyFrameOf(at.socket.offered.join(', ')) ?? ''
      expect(JSON.parse(offered)).toMatchObject({ type: 'connect', ref: 1, user: { id: 'ada' } })
      at.socket.open(taken)
      await settle()
      expect(at.socket.frames.map((frame) => frame.map(({ type }) => type))).toEqual(frames)
      ok(at.socket, 1, welcome)
      expect(at.client.getSnapshot().state).toBe('online')
    }
  })

  test('is not offered after an upgrade that failed with it, and again after one that failed without', async () => {
    const at = stage()
    const offers: boolean[] = []
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await settle()
      offers.push(at.socket.offered.length > 0)
      at.socket.drop()
      await at.clock.advance(3_000)
    }
    expect(offers).toEqual([true, false, true])
    const socket = await admit(at)
    expect(socket.frames).toHaveLength(1)
  })

  test('is said after the upgrade where its token is too long for that', async () => {
    const at = stage({ token: 'x'.repeat(5_000) })
    const socket = await admit(at)
    expect(socket.offered).toEqual([])
    expect(socket.sent('connect')).toMatchObject([{ token: 'x'.repeat(5_000) }])
  })
})

describe('joining', () => {
  test('many channels are asked for in chunks that the server takes', async () => {
    const at = stage()
    for (let i = 0; i < 5; i += 1) at.client.channel(`chat:${i}`)
    const limits = { ...welcome.limits, joinChannelsMax: 2 }
    const socket = await admit(at, { limits })
    expect(socket.sent('join').map((join) => join.channels.length)).toEqual([2, 2, 1])
  })

  test('the same name is the same channel until it is left', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    expect(at.client.channel('chat:a')).toBe(channel)
    const socket = await admit(at)
    await answerJoin(socket)
    channel.leave()
    await settle()
    expect(socket.sent('leave')).toMatchObject([{ channels: ['chat:a'] }])
    expect(channel.getSnapshot().state).toBe('left')
    expect(at.client.channel('chat:a')).not.toBe(channel)
  })

  test('asking for presence later joins anew from where the channel is', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    await answerJoin(socket, 3)
    at.client.channel('chat:a', { presence: true })
    await settle()
    ok(socket, lastRef(socket, 'leave'), { channels: ['chat:a'] })
    await settle()
    expect(socket.sent('join').at(-1)?.channels).toEqual([
      { channel: 'chat:a', since: { epoch: 'e', offset: 3 }, presence: true },
    ])
    const presence = { count: 1, users: [{ id: 'ada' }], sampled: false }
    await answerJoin(socket, 3, { presence })
    expect(channel.getSnapshot()).toMatchObject({ state: 'joined', presence })
  })
})

describe('snapshots', () => {
  test('they are the same object until something changes, and one notice for one frame', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    await answerJoin(socket)
    let notices = 0
    channel.subscribe(() => {
      notices += 1
    })
    const before = channel.getSnapshot()
    const clientBefore = at.client.getSnapshot()
    socket.say({ type: 'ping' }, { type: 'signal', channel: 'chat:a', user: { id: 'x' }, body: 1 })
    await settle()
    expect(channel.getSnapshot()).toBe(before)
    expect(at.client.getSnapshot()).toBe(clientBefore)
    socket.say(logged(1), logged(2), logged(3))
    await settle()
    expect(notices).toBe(1)
    expect(channel.getSnapshot()).not.toBe(before)
    expect(before.events).toEqual([])
    expect(channel.getSnapshot().pending).toBe(before.pending)
  })

  test('latest values and presence follow their events', async () => {
    const at = stage()
    const channel = at.client.channel('feed:a', { latest: true, presence: true })
    const socket = await admit(at)
    const user = { id: 'bob' }
    await answerJoin(socket, 0, {
      latest: [{ key: 'k', at: 1, user, body: 'old' }],
      presence: { count: 1, users: [user], sampled: false },
    })
    socket.say(
      { type: 'latest', channel: 'feed:a', key: 'k', at: 2, user, body: 'new' },
      { type: 'presence', channel: 'feed:a', count: 0, left: ['bob'] },
    )
    const { latest, presence } = channel.getSnapshot()
    expect(latest.get('k')?.body).toBe('new')
    expect(presence).toEqual({ count: 0, users: [], sampled: false })
  })
})
