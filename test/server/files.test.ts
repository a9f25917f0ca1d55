import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createServer, type RusherServer } from '../../src/server/index.ts'

let server: RusherServer
const folder = mkdtempSync(join(tmpdir(), 'rusher-files-'))

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<h1>page</h1>')
  writeFileSync(join(folder, 'app.js'), '0123456789')
  writeFileSync(join(folder, '.secret'), 'no')
  server = await createServer({ port: 0, storage: 'memory:', static: folder })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

function get(path: string, headers = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    // Not fetch, which would tidy the path.
    request({ port: server.port, host: '127.0.0.1', path, headers }, (response) => {
      let body = ''
      response.on('data', (part) => {
        body += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .on('error', reject)
      .end()
  })
}

test('files of the folder are served, and a route of the page gets the page', async () => {
  expect(await get('/app.js')).toEqual({ status: 200, body: '0123456789' })
  expect(await get('/')).toEqual({ status: 200, body: '<h1>page</h1>' })
  expect(await get('/rooms/lobby')).toEqual({ status: 200, body: '<h1>page</h1>' })
})

test.each(['/', '/rooms/lobby', '/app.js', '/old-4f3a.js'])(
  '%s comes under a policy that runs only what came with the page',
  async (path) => {
    const { headers } = await fetch(`${server.url}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
      ]),
    )
    expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe')
  },
)

test.each<[string | false, string | null]>([
  ["default-src 'none'", "default-src 'none'"],
  [false, null],
])('a server that is told the policy %s sends %s', async (contentSecurityPolicy, wanted) => {
  const other = await createServer({
    port: 0,
    storage: 'memory:',
    static: folder,
    contentSecurityPolicy,
  })
  onTestFinished(() => void other.close())
  const { headers } = await fetch(`${other.url}/`)
  expect(headers.get('content-security-policy')).toBe(wanted)
})

test('a file that is not there is not found, and is no page', async () => {
  expect((await get('/old-4f3a.js')).status).toBe(404)
})

test.each([
  '/../package.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/.secret',
  '/%00',
  '/%',
  '//etc/passwd',
])('the path %s gives nothing away, and the server goes on', async (path) => {
  const { status, body } = await get(path)
  expect([200, 400, 403, 404]).toContain(status)
  if (status === 200) expect(body).toBe('<h1>page</h1>')
  expect((await get('/healthz')).status).toBe(200)
})

test.each(['bytes=4-1', 'bytes=-', 'bytes=99-', 'bytes=2-4', 'nonsense'])(
  'the range %s does not end the server',
  async (range) => {
    expect([200, 206, 416]).toContain((await get('/app.js', { range })).status)
    expect((await get('/healthz')).status).toBe(200)
  },
)

test('a file that went away since the start is not found', async () => {
  writeFileSync(join(folder, 'gone.js'), 'x')
  expect((await get('/gone.js')).status).toBe(200)
  rmSync(join(folder, 'gone.js'))
  expect((await get('/gone.js')).status).toBe(404)
})

test('a refused upgrade is ended, also for a peer that keeps its half open', async () => {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(
    'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.once('end', resolve))
  // The server's own half is gone: what is written now is answered by a reset.
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const writing = setInterval(() => socket.write('x'), 20)
  await closed
  clearInterval(writing)
})
