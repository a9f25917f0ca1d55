import { request as httpRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { openWire, statusIn, upgradeRequest, upgradeStatus, type Wire } from '../parts/http.ts'
import { metric } from '../parts/metrics.ts'
import { openRaw } from '../parts/raw-client.ts'
import { type Served, serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'

/** What a server answers to some bytes, when it has ended the connection or said its head. */
async function answerTo(port: number, text: string): Promise<string> {
  const wire: Wire = openWire(port)
  wire.socket.write(text)
  await Promise.race([wire.ended, until('it is answered', () => wire.text().includes('\r\n\r\n'))])
  return wire.text()
}

/** Lines of the server's log with a message that has this in it. */
function logged(server: Pick<Served, 'errors'>, text: string): readonly { count: number }[] {
  return server
    .errors()
    .split('\n')
    .filter((line) => line.includes(text))
    .map((line) => JSON.parse(line) as { count: number })
}

const paths = ['/rusher', '/docs', '/docs/notes']

describe.each(shapes)('upgrades, $shape', ({ edges }) => {
  const server = shared((atEnd) =>
    serve({ directory: temporaryDirectory(atEnd), edges, atEnd, storage: 'memory:' }),
  )

  test.each(['8', '0', '12', '14', '99', '13, 13', '13,8', 'x', ''])(
    'version %j of WebSocket is answered 426 with the one that is spoken',
    async (version) => {
      const { port } = server()
      for (const path of paths) {
        const request = upgradeRequest(port, { 'Sec-WebSocket-Version': version }, path)
        const answer = await answerTo(port, request)
        expect(statusIn(answer)).toBe(426)
        expect(answer).toContain('\r\nSec-WebSocket-Version: 13\r\n')
      }
    },
  )

  test('an upgrade without a version is answered 426, too', async () => {
    const { port } = server()
    const request = upgradeRequest(port).replace(/Sec-WebSocket-Version: 13\r\n/, '')
    expect(statusIn(await answerTo(port, request))).toBe(426)
  })

  test.each([
    ['of HTTP/1.0', (text: string) => text.replace('HTTP/1.1', 'HTTP/1.0'), 400],
    ['without Host', (text: string) => text.replace(/Host: [^\r]*\r\n/, ''), 400],
    ['by POST', (text: string) => text.replace('GET', 'POST'), 405],
    ['with a short key', (text: string) => text.replace('dGhlIHNhbXBsZSBub25jZQ==', 'eA=='), 400],
    ['with a long key', (text: string) => text.replace('dGhl', 'dGhldGhl'), 400],
    ['without a key', (text: string) => text.replace(/Sec-WebSocket-Key: [^\r]*\r\n/, ''), 400],
  ])('an upgrade %s is refused', async (_how, change, status) => {
    const { port } = server()
    for (const path of paths) {
      const answer = await answerTo(port, change(upgradeRequest(port, {}, path)))
      expect([path, statusIn(answer)]).toEqual([path, status])
    }
  })

  test('a GET without Upgrade is answered 426, and says what a proxy must pass on', async () => {
    const { url, port } = server()
    const response = await fetch(`${url}/rusher?a=b`)
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
    expect(await response.text()).toContain('proxy_set_header Upgrade')
    // These addresses also answer a backend; a handshake has a key.
    for (const path of [...paths, '/docs/a/b/c']) {
      const request = upgradeRequest(port, {}, path)
      const stripped = request.replace(/(Upgrade|Connection): [^\r]*\r\n/g, '')
      expect(statusIn(await answerTo(port, stripped))).toBe(426)
    }
    expect((await fetch(`${url}/docs/a/b/c`)).status).toBe(404)
    expect((await fetch(`${url}/docs`)).status).toBe(200)
    expect((await fetch(`${url}/docs/notes/json`)).status).toBe(200)
    expect((await fetch(`${url}/other`)).status).toBe(404)
  })

  test('an h2c upgrade offer, as Java’s client sends it with each request, is not a WebSocket', async () => {
    const { port } = server()
    const offer = `Host: localhost:${port}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n`
    expect(statusIn(await answerTo(port, `GET /healthz HTTP/1.1\r\n${offer}`))).toBe(200)
    expect(statusIn(await answerTo(port, `GET /docs/a/json HTTP/1.1\r\n${offer}`))).toBe(200)
    expect(statusIn(await answerTo(port, `GET /rusher HTTP/1.1\r\n${offer}`))).toBe(426)
  })

  test('a page of another site cannot write through a simple request, with Origin or without', async () => {
    const { port, url } = server()
    const write = (
      headers: Record<string, string>,
      method = 'POST',
      path = '/docs/csrf/seed/text',
    ) =>
      new Promise<number>((resolve, reject) => {
        const named = { Host: `127.0.0.1:${port}`, ...headers }
        const sent = httpRequest({ port, method, path, headers: named }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        sent.on('error', reject)
        sent.end('written by another site')
      })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const simple = { 'Content-Type': type }
      expect(await write({ ...simple, Origin: 'https://evil.example' })).toBe(403)
      expect(await write({ ...simple, Origin: 'null' })).toBe(403)
      expect(await write({ ...simple, Origin: `http://127.0.0.1:${port + 1}` })).toBe(403)
      expect(await write({ ...simple, 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
      expect(await write({ ...simple, 'Sec-Fetch-Site': 'same-site' })).toBe(403)
    }
    for (const [method, path] of [
      ['PUT', '/docs/csrf/text'],
      ['POST', '/docs/csrf/update'],
      ['POST', '/docs/csrf/remove-author'],
    ] as const) {
      expect(await write({ Origin: 'https://evil.example' }, method, path)).toBe(403)
    }
    const preflight = await write({ Origin: 'https://evil.example' }, 'OPTIONS')
    expect(preflight).toBeGreaterThanOrEqual(400)
    expect(await (await fetch(`${url}/docs/csrf/text`)).text()).toBe('')
    expect(await write({ Origin: `http://127.0.0.1:${port}` })).toBe(200)
    expect(await (await fetch(`${url}/docs/csrf/text`)).text()).toBe('written by another site')
  })
})

test('what is refused is logged once, with what to do, and counted by its reason', async () => {
  const server = await serve({
    directory: temporaryDirectory(),
    storage: 'memory:',
    config: `{ auth: { secret: '${secret}' }, allowedHosts: ['app.example'], limits: { sessionsMax: 1 } }`,
  })
  const { port, url } = server
  for (let time = 0; time < 3; time += 1) {
    expect(await upgradeStatus(port, { Origin: 'https://page.example' })).toBe(403)
    expect(await upgradeStatus(port, { Host: 'evil.example' })).toBe(403)
    expect(await upgradeStatus(port, { 'Sec-WebSocket-Version': '8' })).toBe(426)
    expect(await upgradeStatus(port, { Cookie: 'x'.repeat(200_000) })).toBe(431)
    expect((await fetch(`${url}/rusher`)).status).toBe(426)
    expect(await upgradeStatus(port, {}, '/other?token=secret')).toBe(404)
  }
  const expired = await openRaw(url)
  const refused = expired.connect({ token: await signToken({ endsIn: -60 }) })
  await expect(refused).rejects.toThrow('expired')
  await expired.closed
  const held = await openRaw(url)
  expect(await upgradeStatus(port)).toBe(503)
  held.drop()
  for (const [text, what] of [
    ['upgrade refused: this origin', 'https://page.example'],
    ['upgrade refused: the Host header names an unknown host', '--allowed-host'],
    ['upgrade refused: this server supports WebSocket version 13', 'version'],
    ['refused with 431', 'cookies'],
    ['upgrade refused: this is a WebSocket endpoint', 'proxy_set_header'],
    ['upgrade refused: no WebSocket endpoint', '/other'],
    ['token refused: the token has expired', 'clocks'],
    ['upgrade refused: the server is full', 'sessionsMax'],
  ] as const) {
    await until(`it is logged: ${text}`, () => logged(server, text).length > 0)
    expect([text, logged(server, text).length]).toEqual([text, 1])
    expect(JSON.stringify(logged(server, text)[0])).toContain(what)
  }
  expect(server.errors()).not.toContain('token=secret')
  const counted = (name: string) => metric(url, `rusher_${name}`)
  expect(await counted('upgrades_refused_total{reason="origin"}')).toBe(3)
  expect(await counted('upgrades_refused_total{reason="host"}')).toBe(3)
  expect(await counted('upgrades_refused_total{reason="version"}')).toBe(3)
  expect(await counted('upgrades_refused_total{reason="no_upgrade"}')).toBe(3)
  expect(await counted('upgrades_refused_total{reason="path"}')).toBe(3)
  expect(await counted('upgrades_refused_total{reason="full"}')).toBe(1)
  expect(await counted('http_requests_refused_total{reason="headers"}')).toBe(3)
  expect(await counted('tokens_refused_total{reason="expired"}')).toBe(1)
})
