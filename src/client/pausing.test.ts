import { expect, test } from 'vitest'
import { settle } from './test-parts/fake-clock.ts'
import { admit, answerJoin, lastRef, ok, type Stage, stage } from './test-parts/stage.ts'

async function pausedStage(): Promise<Stage> {
  const at = stage()
  at.client.channel('chat:a')
  await answerJoin(await admit(at), 7)
  at.client.pause()
  await settle()
  return at
}

test('a pause closes the connection, stops every timer and shows as offline', async () => {
  const at = await pausedStage()
  expect(at.socket.closedWith).toBe(1000)
  expect(at.client.status).toMatchObject({ state: 'offline' })
  expect(at.client.status.retryAt).toBeUndefined()
  expect(at.clock.timers).toBe(0)
  at.client.reconnectNow()
  await at.clock.advance(3_600_000)
  expect(at.network.sockets).toHaveLength(1)
})

test('a pause loses nothing: what was unanswered and what comes meanwhile is sent after it', async () => {
  const at = stage()
  const channel = at.client.channel('chat:a')
  const first = await admit(at)
  await answerJoin(first, 7)
  const receipt = channel.publish('one')
  await settle()
  expect(first.sent('publish')).toHaveLength(1)
  at.client.pause()
  channel.publish('two')
  const asked = at.client.channel('chat:b').history()
  expect(channel.getSnapshot()).toMatchObject({
    state: 'recovering',
    pending: [{ state: 'queued' }, { state: 'queued' }],
  })
  at.client.resume()
  const again = await admit(at)
  await settle()
  expect(again.sent('join')[0]?.channels).toEqual([
    { channel: 'chat:a', since: { epoch: 'e', offset: 7 } },
    { channel: 'chat:b' },
  ])
  ok(again, lastRef(again, 'publish'), { durability: 'disk' })
  await expect(receipt).resolves.toMatchObject({ id: 'm1' })
  await settle()
  expect(again.sent('publish').map(({ id }) => id)).toEqual(['m1', 'm2'])
  const position = { epoch: 'e', offset: 0 }
  ok(again, lastRef(again, 'history'), { position, begin: 1, events: [] })
  await expect(asked).resolves.toMatchObject({ events: [] })
})

test('a call that waits through a pause has its whole time after it', async () => {
  const at = await pausedStage()
  at.client.resume()
  at.client.pause()
  const asked = at.client.channel('chat:a').history()
  let failed = false
  asked.catch(() => {
    failed = true
  })
  at.client.pause()
  await at.clock.advance(3_600_000)
  expect(failed).toBe(false)
  at.client.resume()
  await at.clock.advance(60_000)
  expect(failed).toBe(true)
})

test('a pause before the first session, and while waiting for the next, holds until it is resumed', async () => {
  const at = stage()
  at.client.pause()
  await at.clock.advance(60_000)
  expect(at.network.sockets).toHaveLength(0)
  at.client.resume()
  await settle()
  expect(at.network.sockets).toHaveLength(1)
  at.socket.drop()
  at.client.pause()
  await at.clock.advance(3_600_000)
  expect(at.network.sockets).toHaveLength(1)
  at.client.resume()
  await settle()
  expect(at.network.sockets).toHaveLength(2)
  expect(at.client.status.attempt).toBe(0)
})

test('resuming without a pause changes nothing, and a closed client stays closed', async () => {
  const at = stage()
  await admit(at)
  at.client.resume()
  await settle()
  expect(at.network.sockets).toHaveLength(1)
  at.client.close()
  at.client.pause()
  at.client.resume()
  expect(at.client.status.state).toBe('closed')
})
