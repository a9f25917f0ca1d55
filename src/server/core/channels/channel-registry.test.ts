import { expect, test } from 'vitest'
import { defaultLimits, RusherError } from '../../../protocol/index.ts'
import { createChatApp } from '../../apps/chat/chat-app.ts'
import { createPlainApp } from '../../apps/plain/plain-app.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import type { ToEdge } from '../../link/link.ts'
import { silentLog } from '../../log/log.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { coreLimits } from './channel-limits.ts'
import { createChannelRegistry } from './channel-registry.ts'
import type { ServedApps } from './served-apps.ts'

const { channelIdleMs } = coreLimits
const presence = { graceMs: 5_000, usersMax: 3, sampleMax: 2, sampleMs: 1_000 }
const nothing = (): undefined => undefined
const ann = { id: 'ann' }

/** A registry whose clock stands until it is ticked, and an edge that remembers what it was sent. */
function registryOf({
  open,
  apps = { named: [createChatApp()], plain: undefined },
}: {
  readonly open?: () => Promise<never>
  readonly apps?: ServedApps
} = {}) {
  let nowMs = 0
  const sent: ToEdge[] = []
  const storage = createMemoryStorage({ epoch: 'e' })
  const registry = createChannelRegistry(apps, {
    storage: open === undefined ? storage : { ...storage, open },
    limits: defaultLimits,
    presence,
    clock: { now: () => nowMs, monotonicMs: () => nowMs, every: () => ({ stop: nothing }) },
    log: silentLog,
    metrics: { appended: nothing, published: nothing, internalError: nothing },
    appender: { append: () => false, pending: 0, idle: async () => undefined },
    dirty: nothing,
  })
  const edge: EdgeEnd = { id: 1, port: { send: (message) => void sent.push(message) } }

  function tick(atMs: number): void {
    nowMs = atMs
    registry.tick(nowMs)
  }

  async function opened(name: string) {
    const channel = registry.get(name)
    if (channel === undefined) throw new Error(`${name} is not served`)
    await channel.opened
    return channel
  }

  return { registry, edge, sent, tick, opened }
}

test('a channel that nobody is in is let go when it was idle long enough, and not before', async () => {
  const { registry, tick, opened } = registryOf()
  await opened('chat:a')
  tick(100)
  tick(99 + channelIdleMs)
  expect(registry.size).toBe(1)
  tick(100 + channelIdleMs)
  expect(registry.find('chat:a')).toBeUndefined()
})

test('who asks for an idle channel gets the same one, and its time begins anew', async () => {
  const { registry, tick, opened } = registryOf()
  const channel = await opened('chat:a')
  tick(0)
  expect(registry.get('chat:a')).toBe(channel)
  tick(channelIdleMs)
  tick(2 * channelIdleMs - 1)
  expect(registry.size).toBe(1)
  tick(2 * channelIdleMs)
  expect(registry.size).toBe(0)
})

test('a channel is kept while somebody is in it, and as long again after the grace of the last', async () => {
  const { registry, edge, tick, opened } = registryOf()
  const { subscribers } = await opened('chat:a')
  subscribers.join(edge, ann, false)
  tick(100)
  tick(10 * channelIdleMs)
  expect(registry.size).toBe(1)
  subscribers.leave(edge, 'ann', false)
  const goneMs = 10 * channelIdleMs + presence.graceMs
  tick(goneMs - 1)
  tick(goneMs)
  tick(goneMs + channelIdleMs - 1)
  expect(registry.size).toBe(1)
  tick(goneMs + channelIdleMs)
  expect(registry.size).toBe(0)
})

test('who comes after long silence, and an edge that goes, are told to those who watch', async () => {
  const { edge, sent, tick, opened } = registryOf()
  const { subscribers } = await opened('chat:a')
  const other: EdgeEnd = { id: 2, port: { send: nothing } }
  subscribers.join(edge, ann, true)
  tick(100)
  for (let ms = 200; ms < 2_000; ms += 100) tick(ms)
  sent.length = 0
  subscribers.join(other, { id: 'bob' }, false)
  tick(2_000)
  expect(sent).toHaveLength(1)
  subscribers.dropEdge(other)
  tick(2_100)
  tick(2_000 + presence.graceMs)
  const events = sent.map((message) => message.kind === 'passing' && JSON.parse(message.event))
  const base = { type: 'presence', channel: 'chat:a' }
  expect(events).toEqual([
    { ...base, count: 2, joined: [{ id: 'bob' }] },
    { ...base, count: 1, left: ['bob'] },
  ])
})

test('a channel that could not be opened is not kept', async () => {
  const fault = new RusherError('STORAGE_UNAVAILABLE', 'the disk is away')
  const { registry } = registryOf({ open: () => Promise.reject(fault) })
  await expect(registry.get('chat:a')?.opened).rejects.toBe(fault)
  expect(registry.size).toBe(0)
})

test('what no app serves has no channel', () => {
  const { registry } = registryOf()
  expect(registry.get('poll:a')).toBeUndefined()
  expect(registry.get('no name')).toBeUndefined()
})

test.each(['lobby', 'orders:42', 'room/1', 'Chat:a', 'Doc:a', 'doc', '__proto__', 'constructor:a'])(
  '%s belongs to no app and is a plain channel',
  async (name) => {
    const { registry, opened } = registryOf({
      apps: { named: [createChatApp()], plain: createPlainApp() },
    })
    expect(registry.appOf(name)?.name).toBe('plain')
    expect((await opened(name)).name).toBe(name)
    expect(registry.appOf('chat:a')?.name).toBe('chat')
  },
)

test('channels that store documents are never served, also where all others are', () => {
  const { registry } = registryOf({
    apps: { named: [createChatApp()], plain: createPlainApp() },
  })
  for (const name of ['doc:notes', 'doc-history:notes']) {
    expect(registry.get(name)).toBeUndefined()
    expect(registry.appOf(name)).toBeUndefined()
    expect(registry.unserved(name).message).toBe(
      `"${name}" belongs to a document: open it with a Yjs provider or over HTTP`,
    )
  }
})

test('without plain channels, the refusal names the channel and what is served', () => {
  const { registry } = registryOf({
    apps: { named: [createChatApp(), { ...createChatApp(), name: 'board' }], plain: undefined },
  })
  expect(registry.get('orders:42')).toBeUndefined()
  expect(registry.unserved('orders:42')).toMatchObject({
    code: 'BAD_CHANNEL',
    message: 'no app serves "orders:42"; served are chat:*, board:*',
  })
  expect(registry.unserved('a b').message).toContain('"a b" is not a channel name')
})
