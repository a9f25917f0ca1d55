import { describe, expect, test } from 'vitest'
import { closeTable, refuse } from '../protocol/errors.ts'
import type { Channel } from './client.ts'
import { failedTriesMax } from './publisher.ts'
import { settle } from './test-parts/fake-clock.ts'
import type { FakeSocket } from './test-parts/fake-socket.ts'
import {
  admit,
  answerJoin,
  lastRef,
  logged,
  ok,
  refuseWith,
  type Stage,
  stage,
} from './test-parts/stage.ts'

async function joinedStage(options: Parameters<typeof stage>[0] = {}): Promise<{
  at: Stage
  channel: Channel
  socket: FakeSocket
}> {
  const at = stage(options)
  const channel = at.client.channel('chat:a')
  const socket = await admit(at)
  await answerJoin(socket)
  return { at, channel, socket }
}

function ids(socket: FakeSocket): string[] {
  return socket.sent('publish').map((one) => one.id)
}

describe('publishing', () => {
  test('what the server refuses for now is sent again with its id, and nothing overtakes it', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    channel.publish('two')
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('BUSY', undefined, 3000))
    await at.clock.advance(2999)
    expect(ids(socket)).toEqual(['m1'])
    expect(channel.getSnapshot().pending).toMatchObject([{ state: 'queued' }, { state: 'queued' }])
    await at.clock.advance(1)
    expect(ids(socket)).toEqual(['m1', 'm1'])
    ok(socket, lastRef(socket, 'publish'), { durability: 'disk' })
    await settle()
    expect(ids(socket)).toEqual(['m1', 'm1', 'm2'])
  })

  test('beyond the rate, every channel waits', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('RATE_LIMITED', undefined, 1000))
    at.client.channel('chat:b').publish('two')
    await at.clock.advance(999)
    expect(ids(socket)).toEqual(['m1'])
    await at.clock.advance(1)
    expect(ids(socket)).toEqual(['m1', 'm1', 'm2'])
  })

  test('a refusal that stays rejects, shows as failed, and lets the next one go', async () => {
    const { channel, socket } = await joinedStage()
    const receipt = channel.publish('one')
    channel.publish('two')
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    await expect(receipt).rejects.toMatchObject({ code: 'DENIED', retry: false })
    expect(channel.getSnapshot().pending).toMatchObject([
      { id: 'm1', state: 'failed', error: { code: 'DENIED' } },
      { id: 'm2', state: 'sent' },
    ])
  })

  test('a failed publish is retried with its id, or discarded', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    channel.retry('m1')
    await settle()
    expect(ids(socket)).toEqual(['m1', 'm1'])
    expect(at.client.getSnapshot().pending).toBe(1)
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    channel.discard('m1')
    expect(channel.getSnapshot().pending).toEqual([])
    expect(at.client.getSnapshot().pending).toBe(0)
  })

  test('what was never sent can be discarded; what may have been sent cannot', async () => {
    const { channel } = await joinedStage()
    const sent = channel.publish('one')
    const waiting = channel.publish('two')
    await settle()
    channel.discard('m1')
    channel.discard('m2')
    await expect(waiting).rejects.toMatchObject({ code: 'DISCARDED' })
    expect(channel.getSnapshot().pending).toMatchObject([{ id: 'm1' }])
    await expect(Promise.race([sent, Promise.resolve('waits')])).resolves.toBe('waits')
  })

  test('a conflict is its caller’s: it rejects and nothing is left pending', async () => {
    const { channel, socket } = await joinedStage()
    const receipt = channel.publish('one', { expect: 3, id: 'mine' })
    await settle()
    expect(socket.sent('publish')).toMatchObject([{ id: 'mine', expect: 3 }])
    refuseWith(socket, lastRef(socket, 'publish'), refuse('CONFLICT'))
    await expect(receipt).rejects.toMatchObject({ code: 'CONFLICT', retry: false })
    expect(channel.getSnapshot().pending).toEqual([])
  })

  test('a publish that the server fails at each time does not block its channel for ever', async () => {
    const { at, channel, socket } = await joinedStage()
    const receipt = channel.publish('poison')
    for (let round = 0; round < failedTriesMax; round += 1) {
      await settle()
      refuseWith(socket, lastRef(socket, 'publish'), refuse('INTERNAL', undefined, 10))
      await at.clock.advance(10)
    }
    await expect(receipt).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(ids(socket).length).toBe(failedTriesMax)
  })

  test('without a reply in time it is sent again with its id', async () => {
    const { at, channel, socket } = await joinedStage()
    channel.publish('one')
    for (let beat = 0; beat < 5; beat += 1) {
      await at.clock.advance(5000)
      socket.say({ type: 'ping' })
    }
    expect(ids(socket)).toEqual(['m1', 'm1'])
  })

  test('the event before the acknowledgement: shown once at every moment', async () => {
    const { channel, socket } = await joinedStage()
    const receipt = channel.publish('one')
    await settle()
    const { ref } = socket.sent('publish')[0] ?? { ref: 0 }
    socket.say(logged(1, { id: 'm1', user: 'ada' }))
    expect(channel.getSnapshot()).toMatchObject({ pending: [], events: [{ id: 'm1' }] })
    ok(socket, ref, { position: { epoch: 'e', offset: 1 }, durability: 'memory' })
    await expect(receipt).resolves.toMatchObject({ durability: 'memory' })
    expect(channel.getSnapshot()).toMatchObject({ pending: [], events: [{ id: 'm1' }] })
  })

  test('another user’s event with the same id leaves ours pending', async () => {
    const { channel, socket } = await joinedStage()
    channel.publish('one')
    await settle()
    socket.say(logged(1, { id: 'm1', user: 'bob' }))
    expect(channel.getSnapshot().pending).toMatchObject([{ id: 'm1' }])
  })

  test('a full outbox and a large body are refused here', async () => {
    const { channel } = await joinedStage({ outboxMax: 2 })
    channel.publish('one')
    channel.publish('two')
    await expect(channel.publish('three')).rejects.toMatchObject({ code: 'OUTBOX_FULL' })
    await expect(channel.publish('é'.repeat(20_000))).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(channel.getSnapshot().pending).toMatchObject([
      { id: 'm1', state: 'sent' },
      { id: 'm2', state: 'queued' },
      { id: 'm3', state: 'failed', error: { code: 'OUTBOX_FULL', retry: true } },
      { id: 'm4', state: 'failed', error: { code: 'TOO_LARGE', retry: false } },
    ])
  })

  test('a body that is no JSON and an id that waits already are refused here', async () => {
    const { channel } = await joinedStage()
    await expect(channel.publish(undefined as never)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
    await expect(channel.publish(1n as never)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
    channel.publish('one', { id: 'x' })
    await expect(channel.publish('two', { id: 'x' })).rejects.toMatchObject({ code: 'ID_REUSED' })
  })

  test('five publishes of one object that changes are five bodies, and pending shows each', async () => {
    const { channel, socket } = await joinedStage({ inFlightMax: 5 })
    const body = { n: 0 }
    for (let n = 0; n < 5; n += 1) {
      body.n = n
      channel.publish(body)
    }
    await settle()
    const expected = [0, 1, 2, 3, 4].map((n) => ({ n }))
    expect(socket.sent('publish').map((one) => one.body)).toEqual(expected)
    expect(channel.getSnapshot().pending.map((one) => one.body)).toEqual(expected)
  })

  test('a retry sends the same bytes, whatever became of the object', async () => {
    const { at, channel, socket } = await joinedStage()
    const body: Record<string, number> = { b: 1, a: 2 }
    channel.publish(body)
    await settle()
    body['c'] = 3
    socket.drop()
    await at.clock.advance(20_000)
    const next = await admit(at)
    const texts = [...socket.sent('publish'), ...next.sent('publish')].map((one) =>
      JSON.stringify(one.body),
    )
    expect(texts).toEqual(['{"b":1,"a":2}', '{"b":1,"a":2}'])
  })

  test('a failed publish is retried with what it asked for, and a later change does not count', async () => {
    const { channel, socket } = await joinedStage()
    const body = { n: 1 }
    channel.publish(body, { id: 'mine', expect: 3 })
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    body.n = 2
    channel.retry('mine')
    await settle()
    expect(socket.sent('publish').at(-1)).toMatchObject({ id: 'mine', body: { n: 1 }, expect: 3 })
  })

  test('whatever fails is told by an error event, with its id, and stays to be retried', async () => {
    const { at, channel, socket } = await joinedStage({ outboxMax: 1 })
    const told: string[] = []
    channel.on('error', ({ code, id }) => told.push(`${code} ${id}`))
    channel.publish('x'.repeat(40_000))
    channel.publish({ n: 1n } as never)
    channel.publish('waits', { id: 'w' })
    channel.publish('one too many')
    channel.publish('again', { id: 'w' })
    await settle()
    refuseWith(socket, lastRef(socket, 'publish'), refuse('DENIED'))
    expect(told).toEqual([
      'TOO_LARGE m1',
      'BAD_COMMAND m2',
      'OUTBOX_FULL m3',
      'ID_REUSED w',
      'DENIED w',
    ])
    expect(channel.getSnapshot().pending.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'm1 failed',
      'm2 failed',
      'w failed',
      'm3 failed',
    ])
    channel.retry('m3')
    await settle()
    expect(socket.sent('publish').at(-1)).toMatchObject({ id: 'm3', body: 'one too many' })
    expect(at.client.getSnapshot()).toMatchObject({ state: 'online', pending: 1 })
  })

  test('what is queued when the server gives the client up is told, and stays as failed', async () => {
    const { at, channel, socket } = await joinedStage()
    const told: string[] = []
    channel.on('error', ({ code, id }) => told.push(`${code} ${id}`))
    channel.publish('one')
    channel.publish('two')
    socket.drop(closeTable.BAD_FRAME.code)
    channel.publish('three')
    expect(told).toEqual(['BAD_FRAME m1', 'BAD_FRAME m2', 'BAD_FRAME m3'])
    expect(channel.getSnapshot().pending.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'm1 failed',
      'm2 failed',
      'm3 failed',
    ])
    expect(at.client.getSnapshot().state).toBe('closed')
  })

  test('many publishes of one turn are one frame, as far as a frame goes', async () => {
    const at = stage({ inFlightMax: 64 })
    const channel = at.client.channel('chat:a')
    const socket = await admit(at)
    for (let i = 0; i < 70; i += 1) channel.publish(i)
    await settle()
    expect(socket.frames.map((frame) => frame.length)).toEqual([1, 1, 64])
  })

  test('closing the client rejects what waits', async () => {
    const { at, channel, socket } = await joinedStage()
    const receipt = channel.publish('one')
    const asked = channel.request('two')
    at.client.close()
    await expect(receipt).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(asked).rejects.toMatchObject({ code: 'DISCONNECTED' })
    await expect(channel.publish('three')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(channel.getSnapshot()).toMatchObject({ state: 'left', pending: [] })
    expect(socket.closedWith).toBe(1000)
    expect(at.clock.timers).toBe(0)
  })
})
