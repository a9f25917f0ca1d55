import { describe, expect, test } from 'vitest'
import { refuse } from '../protocol/errors.ts'
import { systemClock } from './clock.ts'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, ok, refuseWith, stage } from './test-parts/stage.ts'

const hourMs = 3_600_000

describe.each([
  ['back', -hourMs],
  ['forward', hourMs],
])('when the wall clock is set %s an hour', (_way, byMs) => {
  test('a publish that waits for the rate goes in its time', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    await answerJoin(socket)
    channel.publish('one')
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('RATE_LIMITED', undefined, 1000))
    at.clock.setWall(byMs)
    await at.clock.advance(999)
    expect(socket.sent('publish').length).toBe(1)
    await at.clock.advance(1)
    expect(socket.sent('publish').length).toBe(2)
  })

  test('a silent server is left in its time, and one that answers is not', async () => {
    const at = stage()
    const socket = await admit(at)
    at.clock.setWall(byMs)
    await at.clock.advance(5_000)
    if (socket.sent('ping').length > 0) ok(socket, lastRef(socket, 'ping'), {})
    expect(at.client.getSnapshot().state).toBe('online')
    await at.clock.advance(26_000)
    expect(at.client.getSnapshot().state).not.toBe('closed')
    expect(socket.closedWith).toBeUndefined()
    await at.clock.advance(20_000)
    expect(socket.closedWith).toBe(1000)
  })

  test('a call without an answer ends in its time', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    let ended = 0
    channel.request('anyone?').catch(() => {
      ended += 1
    })
    at.clock.setWall(byMs)
    for (let second = 0; second < 19; second += 1) {
      await at.clock.advance(1000)
      socket.say({ type: 'ping' })
    }
    expect(ended).toBe(0)
    for (let second = 0; second < 6; second += 1) {
      await at.clock.advance(1000)
      socket.say({ type: 'ping' })
    }
    expect(ended).toBe(1)
  })

  test('a session that was online for long counts as steady', async () => {
    const at = stage()
    const socket = await admit(at)
    for (let second = 0; second < 20; second += 1) {
      await at.clock.advance(1000)
      socket.say({ type: 'ping' })
    }
    at.clock.setWall(byMs)
    socket.drop()
    const { retryAt = 0 } = at.client.getSnapshot()
    expect(retryAt - at.clock.now()).toBe(250)
  })
})

test('a sleep in which the monotonic clock stood still is noticed', async () => {
  const at = stage()
  const socket = await admit(at)
  await at.clock.sleepUnnoticed(hourMs)
  await at.clock.advance(5_000)
  expect(socket.sent('ping').length).toBe(1)
  await at.clock.advance(5_000)
  expect(socket.closedWith).toBe(1000)
})

test('the clock of the system has a wall time, and one that is never set', () => {
  const now = Date.now
  const [wall, monotonic] = [systemClock.now(), systemClock.monotonicMs()]
  try {
    Date.now = () => now() - hourMs
    expect(systemClock.now()).toBeLessThan(wall)
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(monotonic)
  } finally {
    Date.now = now
  }
})
