import { describe, expect, test } from 'vitest'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, logged, ok, stage } from './test-parts/stage.ts'

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
