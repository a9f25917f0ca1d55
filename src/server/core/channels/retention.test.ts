import { expect, test } from 'vitest'
import { createPlainApp } from '../../apps/plain/plain-app.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { encodeEnvelope } from './event-text.ts'
import { retain } from './retention.ts'

const channel = 'orders:42'

/** A storage whose channel has an event for each second from 1 on. */
async function logOf(events: number) {
  const storage = createMemoryStorage({ epoch: 'e' })
  for (let second = 1; second <= events; second += 1) {
    const payload = encodeEnvelope({ at: second * 1_000, user: { id: 'ada' }, body: second })
    await storage.append([{ kind: 'event', channel, payload }])
  }
  return storage
}

test('plain channels keep everything unless a retention is set', async () => {
  const storage = await logOf(50)
  expect(await retain(createPlainApp(), storage, channel, 1e12)).toBeUndefined()
  expect(await storage.open(channel)).toMatchObject({ begin: 1, head: 50 })
})

test('a retention by count leaves the newest events', async () => {
  const storage = await logOf(50)
  const app = createPlainApp({ retention: { count: 10 } })
  expect(await retain(app, storage, channel, 0)).toMatchObject({ begin: 41, head: 50 })
})

test('a retention by age leaves the events that are young enough', async () => {
  const storage = await logOf(50)
  const app = createPlainApp({ retention: { ageMs: 5_500 } })
  expect(await retain(app, storage, channel, 50_000)).toMatchObject({ begin: 45, head: 50 })
})
