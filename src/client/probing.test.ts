import { describe, expect, onTestFinished, test } from 'vitest'
import type { Channel } from './client.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import { admit, answerJoin, lastRef, ok, type Stage, stage } from './test-parts/stage.ts'

async function joinedStage(): Promise<{ at: Stage; channel: Channel; socket: FakeSocket }> {
  const at = stage()
  const channel = at.client.channel('chat:a')
  const socket = await admit(at)
  await answerJoin(socket)
  return { at, channel, socket }
}

function stateOf({ client }: Stage): string {
  return client.getSnapshot().state
}

describe('a server that does not answer a publish', () => {
  test('is asked after three seconds, is not online two seconds later, and is left', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    await at.clock.advance(2_999)
    expect(socket.sent('ping')).toEqual([])
    await at.clock.advance(1)
    expect(socket.sent('ping').length).toBe(1)
    expect(stateOf(at)).toBe('online')
    await at.clock.advance(2_000)
    expect(stateOf(at)).toBe('connecting')
    expect(socket.closedWith).toBeUndefined()
    await at.clock.advance(3_100)
    expect(socket.closedWith).toBe(1000)
    expect(stateOf(at)).toBe('offline')
  })

  test('and answers late is online again, on the same connection, and is told so', async () => {
    const { at, channel, socket } = await joinedStage()
    const states: string[] = []
    at.client.subscribe(() => states.push(stateOf(at)))
    channel.publish('one')
    await at.clock.advance(5_000)
    ok(socket, lastRef(socket, 'ping'), {})
    await settle()
    expect(states.slice(-2)).toEqual(['connecting', 'online'])
    await at.clock.advance(2_999)
    expect(stateOf(at)).toBe('online')
    expect(at.network.sockets.length).toBe(1)
  })

  test('but says other things is not asked', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    for (let second = 0; second < 15; second += 1) {
      await at.clock.advance(1_000)
      socket.say({ type: 'ping' })
    }
    expect(socket.sent('ping')).toEqual([])
  })

  test('has more time where much was sent to it: the ping waits behind that', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('x'.repeat(30_000))
    await at.clock.advance(5_000)
    expect(stateOf(at)).toBe('connecting')
    await at.clock.advance(10_000)
    expect(socket.closedWith).toBeUndefined()
    await at.clock.advance(1_000)
    expect(socket.closedWith).toBe(1000)
  })

  test('a session with nothing to wait for has no watch over it', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    await settle()
    ok(socket, lastRef(socket, 'publish'), { durability: 'disk' })
    await at.clock.advance(20_000)
    expect(socket.sent('ping')).toEqual([])
    at.client.close()
    expect(at.clock.timers).toBe(0)
  })
})

/** Node has no network events of its own. */
function fakeNetworkEvents(): EventTarget {
  const target = new EventTarget()
  const before = {
    addEventListener: globalThis.addEventListener,
    removeEventListener: globalThis.removeEventListener,
  }
  Object.assign(globalThis, {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  })
  onTestFinished(() => void Object.assign(globalThis, before))
  return target
}

describe('a browser that says that it is offline', () => {
  test('has the server asked at once; without an answer it is not online two seconds later', async () => {
    const network = fakeNetworkEvents()
    const { at, socket } = await joinedStage()
    network.dispatchEvent(new Event('offline'))
    await settle()
    expect(socket.sent('ping').length).toBe(1)
    await at.clock.advance(2_000)
    expect(stateOf(at)).toBe('connecting')
    await at.clock.advance(3_000)
    expect(stateOf(at)).toBe('offline')
  })

  test('is not believed when the server answers', async () => {
    const network = fakeNetworkEvents()
    const { at, socket } = await joinedStage()
    network.dispatchEvent(new Event('offline'))
    await settle()
    ok(socket, lastRef(socket, 'ping'), {})
    await at.clock.advance(4_000)
    expect(stateOf(at)).toBe('online')
  })

  test('does not end a wait; one that is online again does', async () => {
    const network = fakeNetworkEvents()
    const { at, socket } = await joinedStage()
    socket.drop()
    network.dispatchEvent(new Event('offline'))
    await settle()
    expect(at.network.sockets.length).toBe(1)
    network.dispatchEvent(new Event('online'))
    await settle()
    expect(at.network.sockets.length).toBe(2)
    at.client.close()
    await settle()
    network.dispatchEvent(new Event('online'))
    expect(at.network.sockets.length).toBe(2)
  })
})
