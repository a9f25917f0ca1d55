import { describe, expect, test } from 'vitest'
import { refuse } from '../protocol/errors.ts'
import type { Channel } from './client.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import {
  admit,
  answerJoin,
  lastRef,
  ok,
  refuseWith,
  type Stage,
  stage,
  welcome,
} from './test-parts/stage.ts'

async function joinedStage(): Promise<{ at: Stage; channel: Channel; socket: FakeSocket }> {
  const at = stage()
  const channel = at.client.channel('chat:a')
  const socket = await admit(at)
  await answerJoin(socket)
  return { at, channel, socket }
}

function joinedNames(socket: FakeSocket): string[][] {
  return socket.sent('join').map((join) => join.channels.map(({ channel }) => channel))
}

function leftNames(socket: FakeSocket): (readonly string[])[] {
  return socket.sent('leave').map((leave) => leave.channels)
}

/** Lets time pass on a connection that is alive. */
async function pass(at: Stage, byMs: number): Promise<void> {
  for (let passed = 0; passed < byMs; passed += 1000) {
    await at.clock.advance(1000)
    at.socket.say({ type: 'ping' })
  }
}

describe('leaving', () => {
  test.each(['RATE_LIMITED', 'BUSY', 'INTERNAL'] as const)(
    'a leave that is refused with %s is repeated until it holds',
    async (code) => {
      const { at, channel, socket } = await joinedStage()
      channel.leave()
      await settle()
      refuseWith(socket, lastRef(socket, 'leave'), refuse(code, undefined, 500))
      await at.clock.advance(500)
      refuseWith(socket, lastRef(socket, 'leave'), refuse(code))
      await pass(at, 2000)
      expect(leftNames(socket)).toEqual([['chat:a'], ['chat:a'], ['chat:a']])
      ok(socket, lastRef(socket, 'leave'), { channels: ['chat:a'] })
      await pass(at, 60_000)
      expect(socket.sent('leave').length).toBe(3)
      expect(socket.sent('join').length).toBe(1)
    },
  )

  test('a leave that is not answered is repeated', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.leave()
    await pass(at, 27_000)
    expect(leftNames(socket)).toEqual([['chat:a'], ['chat:a']])
  })

  test('a channel is joined again only when it was left for sure', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.leave()
    const again = at.client.channel('chat:a')
    await settle()
    refuseWith(socket, lastRef(socket, 'leave'), refuse('RATE_LIMITED', undefined, 500))
    await settle()
    expect(socket.sent('join').length).toBe(1)
    await at.clock.advance(500)
    ok(socket, lastRef(socket, 'leave'), { channels: ['chat:a'] })
    await answerJoin(socket)
    expect(socket.sent('join').length).toBe(2)
    expect(again.getSnapshot().state).toBe('joined')
  })

  test('a channel that is left while its join is on its way is left after it', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    channel.leave()
    await answerJoin(socket)
    expect(leftNames(socket)).toEqual([['chat:a']])
    expect(channel.getSnapshot().state).toBe('left')
  })

  test('many channels are left in commands that the server takes', async () => {
    const at = stage()
    const channels = ['a', 'b', 'c'].map((id) => at.client.channel(`chat:${id}`))
    const limits = { ...welcome.limits, joinChannelsMax: 2 }
    const socket = await admit(at, { limits })
    for (const channel of channels) channel.leave()
    await settle()
    expect(leftNames(socket)).toEqual([['chat:a', 'chat:b'], ['chat:c']])
  })

  test('a session that ended needs no leave', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.leave()
    await settle()
    socket.drop()
    await at.clock.advance(20_000)
    const next = await admit(at)
    await pass(at, 30_000)
    expect([next.sent('leave'), next.sent('join')]).toEqual([[], []])
    at.client.close()
    expect(at.clock.timers).toBe(0)
  })
})

describe('joining', () => {
  test('a join that is not answered in time is undone, and then made again', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    await pass(at, 27_000)
    expect(channel.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'BUSY' } })
    expect(leftNames(socket)).toEqual([['chat:a']])
    expect(socket.sent('join').length).toBe(1)
    ok(socket, lastRef(socket, 'leave'), { channels: ['chat:a'] })
    await answerJoin(socket)
    expect(channel.getSnapshot().state).toBe('joined')
  })

  test('channels that are refused for now are asked for again, all in one command', async () => {
    const at = stage()
    const channels = ['a', 'b', 'c'].map((id) => at.client.channel(`chat:${id}`))
    const socket = await admit(at)
    refuseWith(socket, lastRef(socket, 'join'), refuse('RATE_LIMITED', undefined, 700))
    await at.clock.advance(700)
    expect(joinedNames(socket)).toEqual([
      ['chat:a', 'chat:b', 'chat:c'],
      ['chat:a', 'chat:b', 'chat:c'],
    ])
    await answerJoin(socket)
    expect(channels.map((channel) => channel.getSnapshot().state)).toEqual(
      channels.map(() => 'joined'),
    )
  })

  test('what is wrong with one channel keeps no other out', async () => {
    const at = stage()
    const [bad, good] = [at.client.channel('chat:bad'), at.client.channel('chat:good')]
    const socket = await admit(at)
    refuseWith(socket, lastRef(socket, 'join'), refuse('BAD_COMMAND'))
    await settle()
    expect(joinedNames(socket).slice(1)).toEqual([['chat:bad'], ['chat:good']])
    const [, ofBad] = socket.sent('join')
    refuseWith(socket, ofBad?.ref ?? 0, refuse('BAD_COMMAND'))
    await answerJoin(socket)
    expect(bad.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'BAD_COMMAND' } })
    expect(good.getSnapshot().state).toBe('joined')
    await pass(at, 30_000)
    expect(socket.sent('join').length).toBe(3)
  })

  test('a join of the old session that is answered late does not count', async () => {
    const { at, socket: old } = await joinedStage()
    const channel = at.client.channel('chat:b')
    await settle()
    old.say({ type: 'drain', afterMs: 0, reason: 'SERVER_RESTART' })
    await at.clock.advance(0)
    const next = await admit(at)
    await answerJoin(next)
    expect(channel.getSnapshot().state).toBe('joined')
    await answerJoin(old, 7)
    expect(channel.getSnapshot().position?.offset).toBe(0)
    next.say({ type: 'signal', channel: 'chat:b', user: { id: 'x' }, body: 1 })
    expect(old.closedWith).toBe(1000)
  })
})
