import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { parseAcceptQueueRows } from '../../src/server/admission/listen-rows.ts'
import { childrenOf } from '../parts/processes.ts'
import { connectRaw, type RawClient } from '../parts/raw-client.ts'
import { type Served, serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const listenersMax = Math.max(2, availableParallelism())
const edges = listenersMax + 2
const sessionsMax = 10
const patienceMs = 60_000

const start = (): Promise<Served> =>
  serve({
    directory: temporaryDirectory(),
    edges,
    config: `{ limits: { sessionsMax: ${sessionsMax} } }`,
  })

function listeners({ port }: Served): number {
  const { rows } = parseAcceptQueueRows(readFileSync('/proc/self/net/tcp', 'latin1'))
  return rows.filter((row) => row.port === port).length
}

/** Connects as a client does, which tries again when an edge that has just become full sends it away. */
async function connectInTheEnd(url: string): Promise<RawClient> {
  let client: RawClient | undefined
  await until(
    'a session is taken',
    async () => {
      client = await connectRaw(url).catch(() => undefined)
      return client !== undefined
    },
    patienceMs,
  )
  if (client === undefined) throw new Error('until ended without a session')
  return client
}

test('edges beyond the processors stand by until those that listen are filling', async () => {
  const server = await start()
  expect(listeners(server)).toBe(listenersMax)
  const clients: RawClient[] = []
  while (clients.length < edges * sessionsMax) clients.push(await connectInTheEnd(server.url))
  for (const client of clients) expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
})

test('one that stands by listens in place of one that has died', async () => {
  const server = await start()
  const client = await connectRaw(server.url)
  // Whoever it is: as many of the rest listen as before.
  for (const pid of childrenOf(server.pid).slice(0, listenersMax)) process.kill(pid, 'SIGKILL')
  await client.closed
  await until('as many listen as before', () => listeners(server) === listenersMax, patienceMs)
  await connectInTheEnd(server.url)
})
