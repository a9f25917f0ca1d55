import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { createServer, defineApp, type RusherServer } from '../../src/server/index.ts'

// A join of several channels is answered, and enters all of them, when the slowest can be opened; storage makes one of them slow.
let server: RusherServer
let letGo: () => void = () => undefined

beforeAll(async () => {
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const storage = (await import('../../src/server/index.ts')).createMemoryStorage({ epoch: 'e1' })
  const slow = {
    ...storage,
    open: async (channel: string) => {
      if (channel === 'pad:slow') await held
      return storage.open(channel)
    },
  }
  const pad = defineApp({
    name: 'pad',
    parse: (body) => body,
    decide: (_state, command) => ({
      kind: 'publish',
      body: String(command),
      keep: { latest: String(command) },
    }),
  })
  server = await createServer({ port: 0, storage: slow, apps: [pad] })
})
afterAll(() => server.close())

test('what happens in a channel while its join waits for its reply is not missed', async () => {
  const url = server.url ?? ''
  const early = connect(url, { user: { id: 'early' } })
  const late = connect(url, { user: { id: 'late' } })
  const fast = late.channel('pad:fast', { presence: true, latest: true })
  const slow = late.channel('pad:slow')
  const other = early.channel('pad:fast', { presence: true })
  await expect.poll(() => other.getSnapshot().presence?.count).toBe(1)
  await other.publish('while waiting')
  expect(slow.getSnapshot().state).toBe('joining')
  letGo()
  await expect.poll(() => fast.getSnapshot().latest.has('while waiting')).toBe(true)
  await expect.poll(() => fast.getSnapshot().presence?.count).toBe(2)
  await expect.poll(() => other.getSnapshot().presence?.count).toBe(2)
  early.close()
  late.close()
})
