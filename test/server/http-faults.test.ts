import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createServer } from '../../src/server/index.ts'
import { openWire, statusIn, upgradeRequest } from '../parts/http.ts'
import { connectRaw } from '../parts/raw-client.ts'
import { type Served, serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'
import { type Bystander, standBy, sumOf } from './parts/bystander.ts'

const ownRates = `${openLimits}, httpRequestsPerSecond: 1e6, httpRequestsBurst: 1e6, acceptLateMs: 1e6,`

/** Every kind of request, with a body where it takes one. */
const requests: readonly (readonly [method: string, path: string, body?: string])[] = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['GET', '/'],
  ['POST', '/', 'a body that nobody wants'],
  ['GET', '/docs/a/json'],
  ['PUT', '/docs/a/json', '{"type":"doc","content":[{"type":"paragraph"}]}'],
  ['GET', '/docs/b/text'],
  ['PUT', '/docs/b/text', 'some text'],
  ['GET', '/docs/a/update'],
  ['POST', '/docs/a/update', '\0\0'],
  ['POST', '/docs/c/seed/json', '{"type":"doc"}'],
  ['POST', '/docs/d/seed/text', 'seed'],
  ['POST', '/docs/e/seed/update', '\0\0'],
  ['GET', '/docs/a/versions'],
  ['GET', '/docs/a/versions/1/json'],
  ['POST', '/docs/a/versions/1/restore'],
  ['POST', '/docs/a/remove-author', '{"user":"nobody"}'],
  ['GET', '/docs/a/versions/1/text', 'a body of a GET'],
  ['DELETE', '/docs/a/nothing', 'a body of a DELETE'],
]

const withBody = requests.filter(
  ([, path, body]) => path.startsWith('/docs/') && body !== undefined,
)

const brokenChunks: readonly string[] = [
  'xyz\r\nabc\r\n',
  '-5\r\nhello\r\n',
  `${'f'.repeat(40)}\r\nabc`,
  '3\r\nabcdef\r\n0\r\n\r\n',
  '0'.repeat(70_000),
  '5\nhello\n',
]

function requestOf([method, path, body]: (typeof requests)[number], chunked = false): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`
  if (body === undefined) return `${head}\r\n`
  if (!chunked) return `${head}Content-Length: ${body.length}\r\n\r\n${body}`
  const size = body.length.toString(16)
  return `${head}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`
}

async function started(
  edges: number,
  more = '',
): Promise<{ served: Served; bystander: Bystander }> {
  const config = `{ limits: { ${ownRates} ${more} } }`
  const served = await serve({ directory: temporaryDirectory(), storage: 'memory:', edges, config })
  return { served, bystander: await standBy(served) }
}

/** Sends bytes and disconnects, with a reset or a normal close. */
async function sendAndGo(port: number, bytes: string, isReset: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  await new Promise<void>((resolve) => socket.write(bytes, 'latin1', () => resolve()))
  if (isReset) socket.resetAndDestroy()
  else socket.destroy()
  await closed
}

async function listenersMax<Item>(
  items: readonly Item[],
  count: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (const item of left) await act(item)
    }),
  )
}

/** Sends bytes and gives all that came back until the server ended the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const wire = openWire(port)
  wire.socket.write(bytes, 'latin1')
  await wire.ended
  return wire.text()
}

const statusesIn = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

describe.each(shapes)(
  'nothing that comes over HTTP ends or wedges anything, $shape',
  ({ edges }) => {
    test('a client that disconnects after any byte of any request harms no other client', async () => {
      const { served, bystander } = await started(edges)
      for (const request of requests) {
        const isChunked = request[2] !== undefined
        for (const bytes of [
          requestOf(request),
          ...(isChunked ? [requestOf(request, true)] : []),
        ]) {
          const lengths = Array.from({ length: bytes.length }, (_, index) => index + 1)
          await listenersMax(lengths, 16, (length) =>
            sendAndGo(served.port, bytes.slice(0, length), length % 2 === 0),
          )
        }
      }
      await bystander.expectUnharmed()
    })

    test('a body that is slower than it may be is answered with 408 and let go of', async () => {
      const { served, bystander } = await started(
        edges,
        'httpRequestMs: 1_000, httpHeadersMs: 1_000,',
      )
      const answers = await Promise.all(
        withBody.map((request) => exchange(served.port, requestOf(request).slice(0, -1))),
      )
      expect(answers.map(statusIn)).toEqual(withBody.map(() => 408))
      await bystander.expectUnharmed()
    })

    test('chunks that are none are answered with an error, or cut off', async () => {
      const { served, bystander } = await started(edges, 'httpRequestMs: 1_000,')
      const broken = withBody.flatMap(([method, path]) => {
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`
        return brokenChunks.map((chunks) => head + chunks)
      })
      await listenersMax(broken, 16, async (bytes) => {
        const statuses = statusesIn(await exchange(served.port, bytes))
        for (const status of statuses) expect([400, 404, 408, 413, 422]).toContain(status)
      })
      await bystander.expectUnharmed()
    })

    test('requests in one pipe are answered in their order, also around refused ones, and a broken one ends it', async () => {
      const { served, bystander } = await started(edges)
      const pipe = [
        requestOf(['PUT', '/docs/p/text', 'one']),
        requestOf(['GET', '/docs/p/text']),
        requestOf(['PUT', '/docs/p/json', '{']),
        requestOf(['PUT', '/docs/p/nothing', 'body']),
        requestOf(['PUT', '/docs/p/text', 'two'], true),
        requestOf(['GET', '/docs/p/text']),
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      ]
      const text = await exchange(served.port, pipe.join(''))
      expect(statusesIn(text)).toEqual([200, 200, 400, 404, 200, 200, 200])
      // They are worked on at the same time: only the answers have an order.
      const written = await (await fetch(`${served.url}/docs/p/text`)).text()
      expect(written).toMatch(/one|two/)
      const broken = await exchange(served.port, `${pipe.slice(0, 3).join('')}NONSENSE\r\n\r\n`)
      expect(statusesIn(broken).at(-1)).toBe(400)
      await bystander.expectUnharmed()
    })

    test('deep and wide JSON is refused with 422, whichever way it comes', async () => {
      const { served, bystander } = await started(edges)
      const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
      const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
      const bodies = [deep(257), deep(20_000), deep(2_000_000), objects(5_000), objects(500_000)]
      const wide = `[${'{},'.repeat(1_390_000)}{}]`
      for (const [method, path] of [
        ['PUT', '/docs/evil/json'],
        ['POST', '/docs/evil/seed/json'],
      ] as const) {
        for (const body of [...bodies, wide]) {
          const response = await fetch(served.url + path, { method, body })
          expect(response.status).toBe(422)
          expect(await response.json()).toMatchObject({ error: { code: 'BAD_CONTENT' } })
        }
      }
      const { url } = served
      const remove = `${url}/docs/evil/remove-author`
      expect((await fetch(remove, { method: 'POST', body: deep(5_000) })).status).toBe(400)
      expect((await fetch(remove, { method: 'POST', body: wide })).status).toBe(413)
      await bystander.expectUnharmed()
    })

    test('60 bodies of 4 MB at once are taken up to a bound, and the memory they took comes back', async () => {
      const { served, bystander } = await started(edges, 'httpHeadersMs: 30_000,')
      const { url } = served
      const resident = () => sumOf(url, 'rusher_resident_bytes')
      const before = await resident()
      const body = `[${'{},'.repeat(1_390_000)}{}]`
      const ask = async (index: number): Promise<number> => {
        const headers = { Connection: 'close' }
        const response = await fetch(`${url}/docs/m${index}/json`, { method: 'PUT', body, headers })
        await response.arrayBuffer()
        if (response.status === 503) expect(response.headers.get('retry-after')).toBe('1')
        return response.status
      }
      // The second wave must reuse the memory of the first. Heaps shrink late, and each process has
      // its own.
      const bytesMax = before + 250e6 * (1 + edges)
      for (const count of [60, 30]) {
        const statuses = await Promise.all(Array.from({ length: count }, (_, index) => ask(index)))
        for (const status of statuses) expect([422, 503]).toContain(status)
        expect(statuses).toContain(422)
        await until('memory comes back', async () => (await resident()) < bytesMax, 60_000)
      }
      await bystander.expectUnharmed()
    }, 180_000)

    test('requests beyond the rate are refused with 429 and the time to wait', async () => {
      const config = '{ limits: { httpRequestsPerSecond: 0.5, httpRequestsBurst: 3 } }'
      const served = await serve({
        directory: temporaryDirectory(),
        storage: 'memory:',
        edges,
        config,
      })
      const statuses: number[] = []
      await until('an edge has taken as many as it may', async () => {
        const response = await fetch(`${served.url}/docs/a/text`, {
          headers: { Connection: 'close' },
        })
        statuses.push(response.status)
        if (response.status !== 429) return false
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await response.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
        return true
      })
      expect(statuses.length).toBeGreaterThan(3)
      expect((await fetch(`${served.url}/readyz`)).status).toBe(200)
      expect(await sumOf(served.url, 'rusher_http_requests_refused_total')).toBe(1)
    })

    test('headers that are too large are answered with 431, and the log says once what to do', async () => {
      const { served, bystander } = await started(edges)
      for (const times of [1, 2, 3, 4]) {
        const cookie = { Cookie: `a=${'x'.repeat(32_000 + times * 1_000)}` }
        const request = upgradeRequest(served.port, cookie)
        expect(statusIn(await exchange(served.port, request))).toBe(431)
      }
      const fits = openWire(served.port)
      fits.socket.write(upgradeRequest(served.port, { Cookie: `a=${'x'.repeat(16_000)}` }))
      await until('it is upgraded', () => statusIn(fits.text()) === 101)
      const hints = served.errors().match(/raise limits\.httpHeaderBytesMax/g) ?? []
      expect(hints.length).toBeGreaterThanOrEqual(1)
      expect(hints.length).toBeLessThanOrEqual(Math.max(1, edges))
      await bystander.expectUnharmed()
    })

    test('a connection is kept for longer than a proxy keeps its own', async () => {
      const { served } = await started(edges)
      const wire = openWire(served.port)
      wire.socket.write(requestOf(['GET', '/healthz']))
      await until('it is answered', () => wire.text().includes('ok'))
      expect(wire.text()).toContain('Keep-Alive: timeout=75')
    })
  },
)

test('health checks are answered with 503 in time while the core does not answer, and with 200 when it does again', async () => {
  const { served } = await started(2)
  const { url, signal } = served
  signal('SIGSTOP')
  onTestFinished(() => signal('SIGCONT'))
  for (const path of ['/readyz', '/metrics']) {
    const response = await fetch(url + path)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } })
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  signal('SIGCONT')
  await until('it is ready again', async () => (await fetch(`${url}/readyz`)).status === 200)
})

test('on a given HTTP server an unknown upgrade is answered, or left to other handlers if there are any', async () => {
  const httpServer = createHttpServer((_, response) => response.writeHead(404).end('the app'))
  const server = await createServer({ httpServer, storage: 'memory:' })
  onTestFinished(async () => {
    await server.close()
    httpServer.closeAllConnections()
    httpServer.close()
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const address = httpServer.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const unknown = await exchange(port, upgradeRequest(port, {}, '/rusherr'))
  expect(statusIn(unknown)).toBe(404)
  httpServer.on('upgrade', (request, socket) => {
    if (request.url === '/theirs') socket.end('HTTP/1.1 418 Theirs\r\n\r\n')
  })
  expect(statusIn(await exchange(port, upgradeRequest(port, {}, '/theirs')))).toBe(418)
  const client = await connectRaw(`http://127.0.0.1:${port}`)
  expect(await client.say('chat:a', 'hello')).toHaveProperty('ok')
})
