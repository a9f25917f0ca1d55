import { expect, test } from 'vitest'
import { readLogs } from '../../bench-harness/controller/read-logs.ts'
import { connectRaw } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

const channels = Array.from({ length: 300 }, (_, no) => `chat:room-${no}`)
const lifted = 'publishesPerSecond: 100000, publishesBurst: 100000'

test('logs are read whole from a server that takes few commands at a time', async () => {
  const directory = temporaryDirectory()
  const config = `{ limits: { commandsBurst: 400, commandsPerSecond: 200, ${lifted} } }`
  const { url } = await serve({ directory, config })
  const writer = await connectRaw(url)
  for (const channel of channels) expect(await writer.say(channel, 'kept')).toHaveProperty('ok')
  const untilMs = performance.now() + 60_000
  const logs = await readLogs(`${url.replace('http', 'ws')}/rusher`, channels, untilMs, () =>
    performance.now(),
  )
  expect([...logs.keys()].toSorted()).toEqual(channels.toSorted())
  for (const { begin, events } of logs.values()) {
    expect([begin, events.length]).toEqual([1, 1])
  }
})

test('what was not read when time is over is left out', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const over = performance.now()
  const logs = await readLogs(`${url.replace('http', 'ws')}/rusher`, channels, over, () =>
    performance.now(),
  )
  expect(logs.size).toBe(0)
})
