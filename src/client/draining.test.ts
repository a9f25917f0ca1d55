import { describe, expect, test } from 'vitest'
import { closeTable, refuse } from '../protocol/errors.ts'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, logged, ok, refuseWith, stage } from './test-parts/stage.ts'

describe('a draining server', () => {
  async function draining() {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const seen: number[] = []
    channel.on('event', (event) => seen.push(event.offset))
    const old = await admit(at)
    await answerJoin(old, 0)
    old.say({ type: 'drain', afterMs: 3000, reason: 'SERVER_RESTART' })
    await at.clock.advance(2999)
    expect(at.network.sockets.length).toBe(1)
    await at.clock.advance(1)
    expect(at.network.sockets.length).toBe(2)
    return { at, channel, old, seen }
  }

  test('the new session joins where the old one is, and only then is the old one closed', async () => {
    const { at, channel, old, seen } = await draining()
    old.say(logged(1))
    const next = await admit(at)
    old.say(logged(2))
    expect(next.sent('join')[0]?.channels[0]?.since).toEqual({ epoch: 'e', offset: 1 })
    expect(old.closedWith).toBeUndefined()
    await answerJoin(next, 2)
    expect(old.closedWith).toBe(1000)
    next.say(logged(2), logged(3))
    expect(seen).toEqual([1, 2, 3])
    expect(channel.getSnapshot().state).toBe('joined')
    expect(at.client.getSnapshot()).toMatchObject({ state: 'online' })
  })

  test('what is not acknowledged goes again in the new session; replies of the old still count', async () => {
    const { at, channel, old } = await draining()
    const receipt = channel.publish('one')
    await settle()
    const next = await admit(at)
    expect(next.sent('publish')).toEqual([])
    await answerJoin(next, 0)
    expect(next.sent('publish')).toMatchObject([{ id: 'm1' }])
    expect(old.closedWith).toBeUndefined()
    ok(old, lastRef(old, 'publish'), { durability: 'disk' })
    await expect(receipt).resolves.toMatchObject({ id: 'm1' })
    expect(old.closedWith).toBe(1000)
    expect(at.client.getSnapshot().pending).toBe(0)
  })

  test('an old session that ends early leaves the new one in its place', async () => {
    const { at, channel, old } = await draining()
    old.drop(closeTable.SERVER_RESTART.code)
    expect(at.client.getSnapshot().state).toBe('connecting')
    const next = await admit(at)
    await answerJoin(next, 0)
    expect(channel.getSnapshot().state).toBe('joined')
    expect(at.network.sockets.length).toBe(2)
  })

  test('a new session that fails before it was admitted leaves the old one at work', async () => {
    const { at, old, seen } = await draining()
    at.socket.drop()
    old.say(logged(1))
    expect(seen).toEqual([1])
    expect(at.client.getSnapshot().state).toBe('online')
    await at.clock.advance(1000)
    expect(at.network.sockets.length).toBe(3)
  })

  test('a server that says it again has no third session opened', async () => {
    const { at, old } = await draining()
    const next = await admit(at)
    old.say({ type: 'drain', afterMs: 0, reason: 'SERVER_RESTART' })
    await at.clock.advance(1000)
    expect(at.network.sockets.length).toBe(2)
    await answerJoin(next, 0)
    expect(old.closedWith).toBe(1000)
  })

  test('an acknowledgement of the old session counts while the publish waits in the new one', async () => {
    const { at, channel, old } = await draining()
    const receipt = channel.publish('one')
    const next = await admit(at)
    await answerJoin(next, 0)
    refuseWith(next, lastRef(next, 'publish'), refuse('BUSY', undefined, 5000))
    ok(old, lastRef(old, 'publish'), { durability: 'disk' })
    await expect(receipt).resolves.toMatchObject({ id: 'm1' })
  })

  test('closing the client ends a session that has handed over, too', async () => {
    const { at, channel, old } = await draining()
    channel.publish('one')
    const next = await admit(at)
    await answerJoin(next, 0)
    at.client.close()
    expect([old.closedWith, next.closedWith]).toEqual([1000, 1000])
    expect(at.clock.timers).toBe(0)
  })

  test('a channel that came while the new session joined is joined there, too', async () => {
    const { at } = await draining()
    const next = await admit(at)
    at.client.channel('chat:b')
    await answerJoin(next, 0)
    expect(next.sent('join').map((join) => join.channels.map((one) => one.channel))).toEqual([
      ['chat:a'],
      ['chat:b'],
    ])
  })
})
