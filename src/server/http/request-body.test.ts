import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../log/log.ts'
import { RequestRefused } from './refusal.ts'
import { RequestBodies } from './request-bodies.ts'
import { readBody } from './request-body.ts'
import { respond, send } from './respond.ts'

interface Served {
  readonly port: number
  readonly faults: string[]
  readonly refused: string[]
}

/** Starts a loopback server that handles every request through `respond`. */
async function served(
  work: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<Served> {
  const faults: string[] = []
  const refused: string[] = []
  const metrics = {
    internalError: (place: string) => void faults.push(place),
    requestRefused: (reason: string) => void refused.push(reason),
  }
  const server = createServer((request, response) =>
    respond({ log: silentLog, metrics }, request, response, () => work(request, response)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  return { port: address.port, faults, refused }
}

/** Opens a connection; `answered` resolves to everything received once the server closes it. */
function wire(port: number): { readonly socket: Socket; readonly answered: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const answered = new Promise<string>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  onTestFinished(() => void socket.destroy())
  return { socket, answered }
}

/** Bodies that hold so many bytes beside the first 16 KiB of each. */
function bodiesOf(httpBodiesBytesMax = 1_000): RequestBodies {
  return new RequestBodies({
    httpBodiesBytesMax,
    httpBodiesMax: 10,
    httpUserBodiesMax: 10,
    httpBodyStalledMs: 2_000,
    documentFrameBytesMax: httpBodiesBytesMax,
  })
}

const head = (more: string): string =>
  `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`

test.each([
  ['throws', () => expect.unreachable('a bug')],
  ['rejects', () => Promise.reject(new Error('a bug'))],
] as const)(
  'work that %s is answered with 500 and counted, and the next request is answered',
  async (_, work) => {
    const { port, faults } = await served(work)
    for (const times of [1, 2]) {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      expect(response.status).toBe(500)
      expect(await response.json()).toMatchObject({ error: { code: 'INTERNAL' } })
      expect(faults).toHaveLength(times)
    }
  },
)

test('a response that has begun is cut off when its work fails', async () => {
  const { port, faults } = await served((_, response) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('the beginning')
    throw new Error('a bug')
  })
  const { socket, answered } = wire(port)
  socket.write(head(''))
  expect(await answered).not.toContain('\r\n\r\nthe beginning\r\n')
  expect(faults).toEqual(['http'])
})

test('whatever becomes of a body, its bytes are given back, and a client that went away is no fault', async () => {
  const budget = bodiesOf()
  let done = 0
  const { port, faults, refused } = await served(async (request, response) => {
    try {
      const body = await readBody(request, 500, budget, 'ann')
      body.release()
      send(response, 200, 'text/plain', String(body.bytes.length))
    } finally {
      done += 1
    }
  })
  const finished = async (count: number): Promise<void> => {
    await expect.poll(() => done, { timeout: 10_000 }).toBe(count)
    expect(budget.held).toBe(0)
  }
  const whole = wire(port)
  whole.socket.write(`${head('Content-Length: 5\r\n')}hello`)
  expect(await whole.answered).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n5$/)
  await finished(1)

  const aborted = wire(port)
  aborted.socket.write(`${head('Content-Length: 400\r\n')}hello`)
  await expect.poll(() => budget.held).toBe(5)
  aborted.socket.resetAndDestroy()
  await finished(2)

  const broken = wire(port)
  broken.socket.write(`${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n`)
  await expect.poll(() => budget.held).toBe(5)
  broken.socket.write('no length\r\n')
  await broken.answered
  await finished(3)
  expect(refused).toEqual(['gone', 'gone'])
  expect(faults).toEqual([])
})

test('what is too large is read to its end and answered with 413, and nothing of it is held', async () => {
  const budget = bodiesOf()
  const { port } = await served(async (request) => {
    await readBody(request, 500, budget, 'ann')
  })
  const declared = wire(port)
  declared.socket.write(`${head('Content-Length: 60000\r\n')}${'x'.repeat(60_000)}`)
  expect(await declared.answered).toMatch(/^HTTP\/1\.1 413 [\s\S]*TOO_LARGE/)
  const chunked = wire(port)
  const chunk = `258\r\n${'x'.repeat(600)}\r\n`
  chunked.socket.write(`${head('Transfer-Encoding: chunked\r\n')}${chunk.repeat(20)}0\r\n\r\n`)
  expect(await chunked.answered).toMatch(/^HTTP\/1\.1 413 [\s\S]*TOO_LARGE/)
  expect(budget.held).toBe(0)
})

test('bodies beyond what a process may hold are refused with 503 and the time to come again', async () => {
  const budget = bodiesOf(24 * 1024)
  const { port } = await served(async (request, response) => {
    const body = await readBody(request, 100_000, budget, 'ann')
    body.release()
    send(response, 200, 'text/plain', 'read')
  })
  const slow = wire(port)
  slow.socket.write(`${head('Content-Length: 40000\r\n')}${'x'.repeat(39_900)}`)
  await expect.poll(() => budget.held).toBe(39_900)
  const second = wire(port)
  second.socket.write(`${head('Content-Length: 39000\r\n')}${'x'.repeat(39_000)}`)
  expect(await second.answered).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1[\s\S]*BUSY/)
  slow.socket.write('x'.repeat(100))
  expect(await slow.answered).toMatch(/^HTTP\/1\.1 200 /)
  expect(budget.held).toBe(0)
})

test('a body that stalls is answered with 408 while its sender waits, and its connection ends', async () => {
  const bodies = bodiesOf()
  const { port, refused } = await served(async (request) => {
    await readBody(request, 500, bodies, 'ann')
  })
  const stalled = wire(port)
  stalled.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na`)
  await expect.poll(() => bodies.held).toBe(1)
  bodies.look()
  bodies.look()
  bodies.look()
  expect(await stalled.answered).toMatch(/^HTTP\/1\.1 408 [\s\S]*"TIMEOUT"/)
  expect([bodies.held, refused]).toEqual([0, ['timeout']])
})

test('a refusal has its status, its code and its reason', async () => {
  const { port, faults } = await served(() => {
    throw new RequestRefused(429, 'RATE_LIMITED', 'too many', 7)
  })
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7'])
  expect(await response.json()).toEqual({ error: { code: 'RATE_LIMITED', message: 'too many' } })
  expect(faults).toEqual([])
})
