import { expect, test } from 'vitest'
import type { Json } from '../../src/protocol/index.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openClient } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

let deep: Json = 1
for (let level = 0; level < 40; level += 1) deep = [deep]

test('bad arguments among good ones cost their own calls and no connection', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const client = openClient(url, 'ada')
  const states = new Set<string>()
  client.subscribe(() => states.add(client.getSnapshot().state))
  const good = client.channel('orders:1')
  const bad = client.channel('orders:2')
  const bodies = [deep, 'x'.repeat(70_000), JSON.parse('{"__proto__":1}'), 1n, undefined]
  const wanted: Promise<unknown>[] = []
  for (const [no, body] of bodies.entries()) {
    wanted.push(good.publish({ no }))
    wanted.push(expect(bad.publish(body as Json)).rejects.toHaveProperty('code'))
    wanted.push(expect(bad.request(body as Json)).rejects.toHaveProperty('code'))
    bad.signal(body as Json)
    client.channel(`chat:${'x'.repeat(70_000)}${no}`)
  }
  await Promise.all(wanted)
  const { events } = await good.history()
  expect(events).toMatchObject(bodies.map((_, no) => ({ body: { no } })))
  expect([...states].filter((state) => state === 'offline' || state === 'closed')).toEqual([])
})

test('a leave beyond the rate is repeated: nobody is left behind, and the channel can be joined', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const [ada, bob] = [openClient(url, 'ada'), openClient(url, 'bob')]
  const watched = bob.channel('orders:1', { presence: true })
  const left = ada.channel('orders:1')
  const here = () => watched.getSnapshot().presence?.users.map(({ id }) => id) ?? []
  await until('both are here', () => here().length === 2)
  const spent = Array.from({ length: 210 }, () => left.history({ limit: 1 }))
  left.leave()
  const refused = (await Promise.allSettled(spent)).filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  await until('ada is gone', () => here().join() === 'bob')

  const again = ada.channel('orders:1')
  await until('ada is back', () => again.getSnapshot().state === 'joined' && here().length === 2)
})

test('a server that stands still is not shown as online, and goes on with what it missed', async () => {
  const server = await serve({ directory: temporaryDirectory() })
  const client = openClient(server.url, 'ada')
  const channel = client.channel('orders:1')
  await channel.publish('before')
  server.signal('SIGSTOP')
  const receipt = channel.publish('meanwhile')
  await until('it is noticed', () => client.getSnapshot().state !== 'online')
  server.signal('SIGCONT')
  await receipt
  await until('it is online again', () => client.getSnapshot().state === 'online')
  const { events } = await channel.history()
  expect(events).toMatchObject([{ body: 'before' }, { body: 'meanwhile' }])
})
