import { expect, test } from 'vitest'
import { refuse } from '../protocol/errors.ts'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, ok, refuseWith, stage } from './test-parts/stage.ts'

async function joined() {
  const at = stage()
  const channel = at.client.channel('room/1', { presence: true })
  const socket = await admit(at)
  await answerJoin(socket)
  return { at, channel, socket }
}

test('data is sent at once in a joined channel, and the promise waits for the reply', async () => {
  const { channel, socket } = await joined()
  const tracked = channel.track({ color: 'red' })
  await settle()
  expect(socket.sent('track')).toMatchObject([{ channel: 'room/1', data: { color: 'red' } }])
  ok(socket, lastRef(socket, 'track'), {})
  await expect(tracked).resolves.toBeUndefined()
})

test('data set before the channel is joined is sent after the join, once', async () => {
  const at = stage()
  const channel = at.client.channel('room/1')
  const data = { color: 'red' }
  void channel.track(data)
  data.color = 'changed later'
  const socket = await admit(at)
  expect(socket.sent('track')).toEqual([])
  await answerJoin(socket)
  expect(socket.sent('track')).toMatchObject([{ data: { color: 'red' } }])
})

test('data is sent again after a reconnect: the newest', async () => {
  const { at, channel, socket } = await joined()
  for (const color of ['red', 'blue']) {
    void channel.track({ color })
    await settle()
    ok(socket, lastRef(socket, 'track'), {})
  }
  socket.drop()
  await at.clock.advance(30_000)
  const next = await admit(at)
  await answerJoin(next)
  expect(next.sent('track')).toMatchObject([{ data: { color: 'blue' } }])
})

test('data that was refused rejects, and is not sent again', async () => {
  const { at, channel, socket } = await joined()
  const tracked = channel.track('x')
  await settle()
  refuseWith(socket, lastRef(socket, 'track'), refuse('TOO_LARGE'))
  await expect(tracked).rejects.toMatchObject({ name: 'ClientError', code: 'TOO_LARGE' })
  socket.drop()
  await at.clock.advance(30_000)
  const next = await admit(at)
  await answerJoin(next)
  expect(next.sent('track')).toEqual([])
})

test('data that is no JSON is refused at the call, and nothing is sent', async () => {
  const { channel, socket } = await joined()
  await expect(channel.track(1n as never)).rejects.toMatchObject({ code: 'BAD_COMMAND' })
  expect(socket.sent('track')).toEqual([])
})

test('the presence of others comes with their data', async () => {
  const { channel, socket } = await joined()
  const user = { id: 'bob', data: { color: 'blue' } }
  socket.say({ type: 'presence', channel: 'room/1', count: 1, joined: [user] })
  expect(channel.getSnapshot().presence?.users).toEqual([user])
})
