import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAcceptQueueRows } from '../../src/server/admission/listen-rows.ts'
import { openWire, statusIn, upgradeRequest, type Wire } from '../parts/http.ts'
import { metric } from '../parts/metrics.ts'
import { connectRaw, type RawClient } from '../parts/raw-client.ts'
import { type Served, serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

/** Connects until every place is taken. One edge that is full can refuse while another has room. */
async function fill({ url }: Served, places: number): Promise<readonly RawClient[]> {
  const clients: RawClient[] = []
  await until('every place is taken', async () => {
    try {
      clients.push(await connectRaw(url, { id: `user-${clients.length}` }))
    } catch (error) {
      // Refused by an edge that is full, or reset as it stopped listening.
      if (!(error instanceof Error)) throw error
    }
    return clients.length >= places
  })
  return clients
}

/** Asks for an upgrade; resolves to the whole answer, which is empty where the connection was reset. */
async function ask(port: number): Promise<string> {
  const wire = openWire(port)
  wire.socket.write(upgradeRequest(port))
  await wire.ended
  return wire.text()
}

/** Connections that say nothing. */
async function silent(port: number, count: number): Promise<readonly Wire[]> {
  const wires = Array.from({ length: count }, () => openWire(port))
  await Promise.all(
    wires.map(({ socket, ended }) =>
      Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended]),
    ),
  )
  return wires
}

async function statusOf(url: string): Promise<number> {
  try {
    return (await fetch(url)).status
  } catch {
    // Reset or refused.
    return 0
  }
}

/** Sockets that listen at a port. */
function listenersAt(port: number): number {
  const { rows } = parseAcceptQueueRows(readFileSync('/proc/self/net/tcp', 'latin1'))
  return rows.filter((row) => row.port === port).length
}

describe.each(shapes)('with few descriptors, $shape', ({ edges }) => {
  test('places are taken to the last, the rest are told when to come again, health and metrics answer, and who leaves makes room', async () => {
    const server = await serve({ directory: temporaryDirectory(), edges, descriptorsMax: 400 })
    const { url, port, events } = server
    const { sessionsMax = 0 } = events.find(({ event }) => event === 'listening') ?? {}
    expect(sessionsMax).toBe(144)
    const places = sessionsMax * Math.max(1, edges)
    const clients = await fill(server, places)
    await until('only the last still listens', () => listenersAt(port) === 1)
    await until('the metrics know', async () => (await metric(url, 'rusher_sessions')) === places)

    const asked = Array.from({ length: 100 }, () => ask(port))
    const [health, memory, ...answers] = await Promise.all([
      statusOf(`${url}/healthz`),
      metric(url, 'rusher_resident_bytes'),
      ...asked,
    ])
    expect(health).toBe(200)
    expect(memory).toBeGreaterThan(10_000_000)
    for (const answer of answers) {
      expect(statusIn(answer)).toBe(503)
      const seconds = Number(/Retry-After: (\d+)\r\n/.exec(answer)?.[1])
      expect(seconds).toBeGreaterThanOrEqual(1)
      expect(seconds).toBeLessThanOrEqual(30)
      expect(answer).toContain('the server is full\n')
    }
    const refused = await metric(url, 'rusher_upgrades_refused_total{reason="full"}')
    expect(refused).toBeGreaterThanOrEqual(100)
    expect(await metric(url, 'rusher_sessions')).toBe(places)

    const leaving = 10 * Math.max(1, edges)
    for (const client of clients.slice(0, leaving)) client.drop()
    await fill(server, leaving)
    for (const client of clients.slice(leaving)) {
      expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
    }
  })

  test('more silent connections than there are descriptors end nothing', async () => {
    const server = await serve({ directory: temporaryDirectory(), edges, descriptorsMax: 128 })
    const { url, port } = server
    const client = await connectRaw(url)
    const wires = await silent(port, 400)
    expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
    for (const { socket } of wires) socket.destroy()
    await until('health answers', async () => (await statusOf(`${url}/healthz`)) === 200)
    expect((await client.say('chat:lobby', 'still here')).ok).toBeDefined()
  })
})

describe('edges that share a port', () => {
  test('one that is full stops listening, and listens again when it has room', async () => {
    const limits = '{ limits: { sessionsMax: 20 } }'
    const server = await serve({ directory: temporaryDirectory(), edges: 2, config: limits })
    expect(listenersAt(server.port)).toBe(2)
    const clients = await fill(server, 40)
    await until('one has stopped', () => listenersAt(server.port) === 1)
    // The last that listens answers for both.
    expect(statusIn(await ask(server.port))).toBe(503)
    for (const client of clients) client.drop()
    await until('both listen again', () => listenersAt(server.port) === 2)
    await fill(server, 40)
  })

  test('edges of which one has stopped listening drain like others, and nobody listens again', async () => {
    const config = '{ limits: { sessionsMax: 5 }, drainMs: 100 }'
    const server = await serve({ directory: temporaryDirectory(), edges: 2, config })
    const clients = await fill(server, 10)
    await until('one has stopped', () => listenersAt(server.port) === 1)
    server.signal('SIGTERM')
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4000 })
    expect(await server.exited).toMatchObject({ code: 0 })
    expect(listenersAt(server.port)).toBe(0)
  })
})

test('a slow auth is given no more handshakes than it may have in hand', async () => {
  const config = `{
    limits: { handshakesMax: 3 },
    auth: { identify: ({ user }) => user.id === 'slow'
      ? new Promise((resolve) => globalThis.setTimeout(() => resolve({ user }), 1500))
      : Promise.resolve({ user }) },
  }`
  const { url, port } = await serve({ directory: temporaryDirectory(), config })
  const slow = [1, 2, 3].map(() => connectRaw(url, { id: 'slow' }))
  await until('three are in hand', async () => (await metric(url, 'rusher_handshakes')) === 3)
  expect(await ask(port)).toContain('as many handshakes in hand as it can finish')
  await Promise.all(slow)
  expect(await (await connectRaw(url)).ask({ type: 'ping' })).toHaveProperty('ok')
})
