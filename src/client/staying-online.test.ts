import { describe, expect, test } from 'vitest'
import { closeTable, refuse } from '../protocol/errors.ts'
import { FakeClock, settle } from './test-parts/fake-clock.ts'
import { admit, lastRef, ok, refuseWith, stage } from './test-parts/stage.ts'

describe('the watchdog', () => {
  test('a ping is answered at once', async () => {
    const at = stage()
    const socket = await admit(at)
    socket.say({ type: 'ping' })
    expect(socket.frames.at(-1)).toEqual([{ type: 'pong' }])
  })

  test('a server that says nothing for too long is left', async () => {
    const at = stage()
    const socket = await admit(at)
    await at.clock.advance(29_000)
    expect(at.client.getSnapshot().state).toBe('online')
    await at.clock.advance(6_000)
    expect(at.client.getSnapshot().state).toBe('connecting')
    expect(socket.closedWith).toBeUndefined()
    await at.clock.advance(5_000)
    expect(socket.closedWith).toBe(1000)
    expect(at.client.getSnapshot().state).not.toBe('online')
  })

  test('after a sleep the server is asked at once, and left when it does not answer', async () => {
    const at = stage()
    const socket = await admit(at)
    await at.clock.sleep(3 * 3_600_000)
    expect(socket.sent('ping').length).toBe(1)
    expect(at.client.getSnapshot().state).toBe('online')
    await at.clock.advance(5_000)
    expect(at.client.getSnapshot().state).not.toBe('online')
  })

  test('after a sleep that the session survived, it goes on', async () => {
    const at = stage()
    const socket = await admit(at)
    await at.clock.sleep(40_000)
    ok(socket, lastRef(socket, 'ping'), {})
    await at.clock.advance(20_000)
    expect(at.client.getSnapshot().state).toBe('online')
    expect(at.network.sockets.length).toBe(1)
  })

  test('a server that never answers connect is left', async () => {
    const at = stage()
    await settle()
    at.socket.open()
    await at.clock.advance(15_000)
    expect(at.client.getSnapshot()).toMatchObject({ state: 'offline', attempt: 1 })
  })

  test('a frame of another protocol ends the session', async () => {
    const at = stage()
    const socket = await admit(at)
    socket.sayText('{"no":"type"}')
    expect(at.client.getSnapshot()).toMatchObject({ state: 'offline', error: { code: '1002' } })
    expect(socket.closedWith).toBe(1000)
  })

  test('reconnectNow ends a wait, and asks a live server whether it is there', async () => {
    const at = stage()
    const socket = await admit(at)
    at.client.reconnectNow()
    await settle()
    expect(socket.sent('ping').length).toBe(1)
    socket.drop()
    expect(at.client.getSnapshot()).toMatchObject({ state: 'offline' })
    at.client.reconnectNow()
    await settle()
    expect(at.network.sockets.length).toBe(2)
  })
})

describe('calls', () => {
  test('a question waits for the first session, and ends with the one it was sent in', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const asked = channel.request('time?')
    const socket = await admit(at)
    expect(socket.sent('request')).toMatchObject([{ channel: 'chat:a', body: 'time?' }])
    const lost = channel.presence()
    ok(socket, lastRef(socket, 'request'), { body: 'noon' })
    await expect(asked).resolves.toBe('noon')
    await settle()
    socket.drop()
    await expect(lost).rejects.toMatchObject({ code: 'DISCONNECTED', retry: true })
  })

  test('a question without an answer in time is given up', async () => {
    const at = stage()
    const offline = at.client.channel('chat:a').request('anyone?')
    const offlineLost = expect(offline).rejects.toMatchObject({ code: 'TIMEOUT' })
    await at.clock.advance(20_000)
    await offlineLost
  })

  test('a signal goes to a live session and nowhere else', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    channel.signal('lost')
    const socket = await admit(at)
    channel.signal('typing')
    await settle()
    expect(socket.sent('signal')).toMatchObject([{ channel: 'chat:a', body: 'typing' }])
  })

  test('a refused signal is told to its channel', async () => {
    const at = stage()
    const told: string[] = []
    at.client.channel('chat:a').on('error', ({ code }) => told.push(code))
    const socket = await admit(at)
    const channel = at.client.channel('chat:a')
    channel.signal('typing')
    channel.signal(1n as never)
    await settle()
    refuseWith(socket, lastRef(socket, 'signal'), refuse('RATE_LIMITED'))
    expect(told).toEqual(['BAD_COMMAND', 'RATE_LIMITED'])
  })
})

describe('tokens', () => {
  test('a fixed token that is refused closes the client, with the reason', async () => {
    const at = stage({ token: 'old' })
    await settle()
    const { socket } = at
    socket.open()
    await settle()
    expect(socket.sent('connect')).toMatchObject([{ token: 'old' }])
    refuseWith(socket, lastRef(socket, 'connect'), refuse('TOKEN_REFUSED'))
    socket.drop(closeTable.TOKEN_REFUSED.code)
    expect(at.client.getSnapshot()).toMatchObject({
      state: 'closed',
      error: { code: 'TOKEN_REFUSED' },
    })
    await at.clock.advance(100_000)
    expect(at.network.sockets.length).toBe(1)
  })

  test('a refusal is believed without the close that should follow it', async () => {
    const at = stage({ token: 'old' })
    await settle()
    at.socket.open()
    await settle()
    refuseWith(at.socket, lastRef(at.socket, 'connect'), refuse('TOKEN_REFUSED'))
    await at.clock.advance(1000)
    expect(at.client.getSnapshot().state).toBe('closed')
  })

  test('a token function is asked once, and again when its token was refused', async () => {
    const tokens = ['first', 'second']
    let asked = 0
    const token = () => {
      asked += 1
      return tokens[asked - 1]
    }
    const at = stage({ token })
    const first = await admit(at)
    first.drop()
    await at.clock.advance(20_000)
    await settle()
    at.socket.open()
    await settle()
    expect(at.socket.sent('connect')).toMatchObject([{ token: 'first' }])
    at.socket.drop(closeTable.TOKEN_EXPIRED.code)
    await at.clock.advance(20_000)
    await admit(at)
    expect(at.socket.sent('connect')).toMatchObject([{ token: 'second' }])
    expect(asked).toBe(2)
  })

  test('a function that gives the refused token again closes the client', async () => {
    const at = stage({ token: async () => 'same' })
    await settle()
    at.socket.open()
    at.socket.drop(closeTable.TOKEN_REFUSED.code, 'revoked')
    await at.clock.advance(20_000)
    expect(at.client.getSnapshot()).toMatchObject({
      state: 'closed',
      error: { code: 'TOKEN_REFUSED', message: 'revoked' },
    })
    expect(at.network.sockets.length).toBe(1)
  })

  test('a token function that fails is asked again later', async () => {
    let asked = 0
    const token = () => {
      asked += 1
      if (asked === 1) throw new Error('no network')
      return 'good'
    }
    const at = stage({ token })
    await settle()
    expect(at.client.getSnapshot()).toMatchObject({
      state: 'offline',
      error: { code: 'TOKEN_UNAVAILABLE' },
    })
    await at.clock.advance(20_000)
    await admit(at)
    expect(at.socket.sent('connect')).toMatchObject([{ token: 'good' }])
  })

  test.each(['pause', 'close'] as const)('no renewal is due any more after %s', async (end) => {
    const clock = new FakeClock()
    const at = stage({ token: () => 'the same', clock })
    const socket = await admit(at)
    socket.say({ type: 'expiring', expiresAt: clock.now() + 60_000 })
    await settle()
    at.client[end]()
    await settle()
    expect(clock.timers).toBe(0)
  })

  test('a token that ends soon is renewed in the live session, again when that fails', async () => {
    const clock = new FakeClock()
    let asked = 0
    const token = () => {
      asked += 1
      return `token ${asked}`
    }
    const at = stage({ token, clock })
    const socket = await admit(at)
    socket.say({ type: 'expiring', expiresAt: clock.now() + 60_000 })
    await settle()
    expect(socket.sent('renew')).toMatchObject([{ token: 'token 2' }])
    refuseWith(socket, lastRef(socket, 'renew'), refuse('BUSY'))
    await clock.advance(2000)
    expect(socket.sent('renew')).toMatchObject([{ token: 'token 2' }, { token: 'token 3' }])
    ok(socket, lastRef(socket, 'renew'), {})
    socket.drop()
    await clock.advance(20_000)
    await admit({ ...at, socket: at.network.last })
    expect(at.network.last.sent('connect')).toMatchObject([{ token: 'token 3' }])
  })

  /** What a function does that caches a token until `earlyMs` before its end, and who asks it. */
  function cached(clock: FakeClock, lifeMs: number, earlyMs: number) {
    let made = 0
    let endsAt = Number.NEGATIVE_INFINITY
    const asked: number[] = []
    return {
      asked,
      endsAt: () => endsAt,
      token: () => {
        asked.push(clock.monotonicMs())
        if (clock.monotonicMs() >= endsAt - earlyMs) {
          made += 1
          endsAt = clock.monotonicMs() + lifeMs
        }
        return `token ${made}`
      },
    }
  }

  test.each([
    ['right', 0],
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])(
    'a function that gives the same token is asked a few times, with a clock that is %s',
    async (_what, aheadMs) => {
      const clock = new FakeClock()
      const source = cached(clock, 60_000, 10_000)
      const at = stage({ token: source.token, clock })
      const expiresAt = clock.now() + 60_000
      clock.setWall(aheadMs)
      const socket = await admit(at, { expiresAt })
      const pass = async (seconds: number) => {
        for (let second = 0; second < seconds; second += 1) {
          await clock.advance(1000)
          socket.say({ type: 'ping' })
        }
      }
      await pass(30)
      socket.say({ type: 'expiring', expiresAt, endsInMs: 30_000 })
      await pass(15)
      // The server says it again at half of what is left: there is one who asks already.
      socket.say({ type: 'expiring', expiresAt, endsInMs: 15_000 })
      await pass(10)
      expect(socket.sent('renew').map(({ token }) => token)).toEqual(['token 2'])
      expect(source.asked.length).toBe(4)
    },
  )

  test('a token that is never replaced is asked for to its end, once a second at most', async () => {
    const clock = new FakeClock()
    const source = cached(clock, 1_000_000, 0)
    const at = stage({ token: source.token, clock })
    const socket = await admit(at)
    socket.say({ type: 'expiring', expiresAt: 0, endsInMs: 30_000 })
    for (let second = 0; second < 40; second += 1) {
      await clock.advance(1000)
      socket.say({ type: 'ping' })
    }
    expect(socket.sent('renew')).toEqual([])
    const waits = source.asked.slice(2).map((time, index) => time - (source.asked[index + 1] ?? 0))
    expect(waits.length).toBeLessThan(8)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000)
  })

  test('a guest stays the same over reconnects', async () => {
    const at = stage({ user: undefined as never })
    const first = await admit(at, { user: { id: 'guest-7' } })
    expect(first.sent('connect')[0]?.user).toBeUndefined()
    first.drop()
    await at.clock.advance(20_000)
    await admit(at)
    expect(at.socket.sent('connect')[0]?.user).toEqual({ id: 'guest-7' })
  })
})

test('one who only sends asks before it gives up, and stays when it is answered', async () => {
  const at = stage()
  const socket = await admit(at)
  await at.clock.advance(30_000)
  const [ping] = socket.sent('ping')
  expect(ping).toBeDefined()
  socket.say({ type: 'reply', ref: ping?.ref ?? 0, ok: {} })
  await at.clock.advance(20_000)
  expect(at.client.getSnapshot().state).toBe('online')
})
