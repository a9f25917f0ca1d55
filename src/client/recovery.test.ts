import { describe, expect, test } from 'vitest'
import { refuse } from '../protocol/errors.ts'
import type { Channel, ChannelEvents, ChannelOptions } from './client.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import { admit, answerJoin, lastRef, logged, ok, type Stage, stage } from './test-parts/stage.ts'

async function joinedStage(
  head: number,
  options: ChannelOptions = {},
): Promise<{ at: Stage; channel: Channel; socket: FakeSocket; heard: string[] }> {
  const at = stage()
  const channel = at.client.channel('chat:a', options)
  const heard: string[] = []
  for (const name of ['gap', 'recovered', 'error'] as (keyof ChannelEvents)[]) {
    channel.on(name, (event) => heard.push(`${name} ${JSON.stringify(event)}`))
  }
  const socket = await admit(at)
  await answerJoin(socket, head)
  return { at, channel, socket, heard }
}

function offsets(channel: Channel): number[] {
  return channel.getSnapshot().events.map((event) => event.offset)
}

async function comeBack(at: Stage): Promise<FakeSocket> {
  at.socket.drop()
  await at.clock.advance(20_000)
  return await admit(at)
}

describe('recovery', () => {
  test('what was missed comes in pages, and then it has recovered', async () => {
    const { at, channel, socket, heard } = await joinedStage(0)
    socket.say(logged(1))
    const second = await comeBack(at)
    expect(channel.getSnapshot().state).toBe('recovering')
    await answerJoin(second, 4)
    second.say(logged(2), logged(3))
    expect(channel.getSnapshot().state).toBe('recovering')
    second.say(logged(4), logged(5))
    expect(channel.getSnapshot().state).toBe('joined')
    expect(offsets(channel)).toEqual([1, 2, 3, 4, 5])
    expect(heard).toEqual(['recovered {"position":{"epoch":"e","offset":4},"missed":3}'])
  })

  test('an event that was seen is skipped', async () => {
    const { channel, socket } = await joinedStage(0)
    const seen: number[] = []
    channel.on('event', (event) => seen.push(event.offset))
    socket.say(logged(1), logged(1), logged(2))
    expect(seen).toEqual([1, 2])
  })

  test('a hole ends the session and is resumed at once from before it', async () => {
    const { at, channel, socket } = await joinedStage(0)
    socket.say(logged(1), logged(3), logged(4))
    expect(socket.closedWith).toBe(4003)
    expect(offsets(channel)).toEqual([1])
    await at.clock.advance(0)
    expect(at.network.sockets.length).toBe(2)
    const second = await admit(at)
    expect(second.sent('join')[0]?.channels[0]?.since).toEqual({ epoch: 'e', offset: 1 })
    await answerJoin(second, 4)
    second.say(logged(2), logged(3), logged(4))
    expect(offsets(channel)).toEqual([1, 2, 3, 4])
  })

  test('what retention removed meanwhile is named, and events go on after it', async () => {
    const { at, channel, socket, heard } = await joinedStage(0)
    socket.say(logged(1))
    const second = await comeBack(at)
    const gap = { from: 2, to: 8, reason: 'trimmed' } as const
    await answerJoin(second, 9, { recovered: false, gap })
    second.say(logged(9))
    expect(heard).toEqual([`gap ${JSON.stringify(gap)}`])
    expect(channel.getSnapshot()).toMatchObject({ state: 'joined', gap, begin: 9, hasOlder: false })
    expect(offsets(channel)).toEqual([9])
  })

  test('a gap in a live session is stepped over', async () => {
    const { channel, socket, heard } = await joinedStage(0)
    const gap = { from: 1, to: 5, reason: 'trimmed' } as const
    socket.say({ type: 'gap', channel: 'chat:a', gap }, logged(6))
    expect(heard).toEqual([`gap ${JSON.stringify(gap)}`])
    expect(offsets(channel)).toEqual([6])
    expect(socket.closedWith).toBeUndefined()
  })

  test('another epoch is told, and its newest page is loaded', async () => {
    const { at, channel, socket, heard } = await joinedStage(0)
    socket.say(logged(1))
    const second = await comeBack(at)
    const gap = { from: 1, to: 1, reason: 'epoch' } as const
    const position = { epoch: 'f', offset: 1 }
    await answerJoin(second, 1, { position, recovered: false, gap })
    expect(heard).toEqual([`gap ${JSON.stringify(gap)}`])
    expect(second.sent('history')).toMatchObject([{ before: 2 }])
    const events = [logged(1, { body: 'new' })]
    ok(second, lastRef(second, 'history'), { position, begin: 1, events, more: false })
    await settle()
    expect(channel.getSnapshot()).toMatchObject({ position, events: [{ body: 'new' }] })
  })

  test('another epoch in a live session has the channel joined anew from nowhere', async () => {
    const { channel, socket } = await joinedStage(5)
    const gap = { from: 1, to: 2, reason: 'epoch' } as const
    socket.say({ type: 'gap', channel: 'chat:a', gap }, logged(3))
    await settle()
    expect(offsets(channel)).toEqual([])
    expect(socket.sent('leave')).toMatchObject([{ channels: ['chat:a'] }])
    ok(socket, lastRef(socket, 'leave'), { channels: ['chat:a'] })
    await settle()
    expect(socket.sent('join').at(-1)?.channels).toEqual([{ channel: 'chat:a' }])
    await answerJoin(socket, 3, { position: { epoch: 'f', offset: 3 } })
    socket.say(logged(4))
    expect(channel.getSnapshot()).toMatchObject({ state: 'joined', position: { epoch: 'f' } })
  })

  test('older pages are put before what is held', async () => {
    const { channel, socket } = await joinedStage(4)
    socket.say(logged(5))
    const more = channel.loadOlder(2)
    expect(channel.loadOlder(2)).toBe(more)
    await settle()
    expect(socket.sent('history')).toMatchObject([{ before: 5, limit: 2 }])
    const position = { epoch: 'e', offset: 5 }
    const events = [logged(3), logged(4)]
    ok(socket, lastRef(socket, 'history'), { position, begin: 1, events, more: true })
    await expect(more).resolves.toBe(true)
    expect(offsets(channel)).toEqual([3, 4, 5])
  })

  test('a page that was asked for when the connection broke is asked for again', async () => {
    const { at, channel } = await joinedStage(2)
    const more = channel.loadOlder()
    const second = await comeBack(at)
    await answerJoin(second, 2)
    const events = [logged(1), logged(2)]
    const position = { epoch: 'e', offset: 2 }
    ok(second, lastRef(second, 'history'), { position, begin: 1, events, more: false })
    await expect(more).resolves.toBe(false)
    expect(offsets(channel)).toEqual([1, 2])
  })

  test('a position of an earlier visit is resumed', async () => {
    const since = { epoch: 'e', offset: 3 }
    const { channel, socket } = await joinedStage(4, { since, presence: true, latest: true })
    expect(socket.sent('join')[0]?.channels).toEqual([
      { channel: 'chat:a', since, presence: true, latest: true },
    ])
    expect(channel.getSnapshot()).toMatchObject({ state: 'recovering', hasOlder: true })
  })

  test('a refused channel says why; refused for now, it is asked for again', async () => {
    const at = stage()
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    const error = refuse('BUSY', undefined, 2000)
    ok(socket, lastRef(socket, 'join'), { channels: [{ channel: 'chat:a', error }] })
    expect(channel.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'BUSY' } })
    await at.clock.advance(2000)
    expect(socket.sent('join').length).toBe(2)
    await answerJoin(socket)
    expect(channel.getSnapshot().state).toBe('joined')
    expect(channel.getSnapshot().error).toBeUndefined()
  })

  test('a lost right leaves the channel, with the reason', async () => {
    const { channel, socket, heard } = await joinedStage(0)
    socket.say({ type: 'left', channel: 'chat:a', error: refuse('DENIED') }, logged(1))
    expect(channel.getSnapshot()).toMatchObject({ state: 'refused', error: { code: 'DENIED' } })
    expect(offsets(channel)).toEqual([])
    expect(heard.length).toBe(1)
  })
})
