import { expect, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openClient } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

test('a read marker only goes forward, never past the end, also after a restart', async () => {
  const directory = temporaryDirectory()
  const first = await serve({ directory })
  const [front, back] = [openClient(first.url, 'ada'), openClient(first.url, 'ada')]
  const [front1, back1] = [front.channel('chat:a'), back.channel('chat:a')]
  for (let no = 0; no < 5; no += 1) await front1.publish({ kind: 'say', text: `text ${no}` })
  await front1.publish({ kind: 'read', offset: 5 })
  await back1.publish({ kind: 'read', offset: 2 })
  await expect(back1.publish({ kind: 'read', offset: 6 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await first.crash()

  const second = await serve({ directory, port: first.port })
  await back1.publish({ kind: 'read', offset: 3 })
  const watcher = openClient(second.url, 'bob').channel('chat:a', { latest: true })
  const marker = () => watcher.getSnapshot().latest.get('read:ada')?.body
  await until('the watcher has joined', () => watcher.getSnapshot().state === 'joined')
  expect(marker()).toEqual({ kind: 'read', offset: 5 })
  await watcher.publish({ kind: 'say', text: 'one more' })
  await back1.publish({ kind: 'read', offset: 6 })
  await until('the marker moved', () => JSON.stringify(marker()).includes('6'))
})

test('markers that come together while nothing is known yet end at the highest', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const client = openClient(url, 'ada', 10)
  const channel = client.channel('chat:a', { latest: true })
  for (let no = 0; no < 5; no += 1) await channel.publish({ kind: 'say', text: `text ${no}` })
  const marks = [2, 5, 1, 4, 3].map((offset) => channel.publish({ kind: 'read', offset }))
  await Promise.all(marks)
  const marker = () => channel.getSnapshot().latest.get('read:ada')?.body
  // What comes after them on the same connection shows that nothing else is on its way.
  await channel.presence()
  expect(marker()).toEqual({ kind: 'read', offset: 5 })
})
