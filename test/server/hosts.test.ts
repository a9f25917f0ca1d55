import { createServer as createHttpServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startServer } from '../documents/parts/own-server.ts'
import { openWire, statusIn, upgradeStatus } from '../parts/http.ts'
import { metric } from '../parts/metrics.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'

/** The status of a plain request for a name. */
async function statusOf(port: number, path: string, host: string, method = 'GET'): Promise<number> {
  const wire = openWire(port)
  wire.socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)
  await until('it is answered', () => wire.text().includes('\r\n\r\n') || wire.socket.destroyed)
  return statusIn(wire.text())
}

/** An upgrade as the page of a name sends it, whose origin is that name. */
function pageOf(port: number, host: string, path?: string): Promise<number> {
  return upgradeStatus(port, { Host: host, Origin: `http://${host}` }, path)
}

const addresses = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['GET', '/index.html'],
  ['GET', '/docs/notes/json'],
  ['PUT', '/docs/notes/text'],
  ['POST', '/docs/notes/seed/text'],
  ['OPTIONS', '/docs/notes/text'],
] as const

describe.each(shapes)('an open server on loopback, $shape', ({ edges }) => {
  const server = shared((atEnd) => {
    const flags = ['--allowed-host', 'app.example', '.previews.example']
    const directory = temporaryDirectory(atEnd)
    return serve({ directory, edges, atEnd, flags, storage: 'memory:' })
  })

  test('opens no WebSocket to a page whose name was pointed at it', async () => {
    const { port } = server()
    for (const host of [`rebind.evil.example:${port}`, 'evil.example', 'localhost.evil.example']) {
      expect(await pageOf(port, host)).toBe(403)
      expect(await pageOf(port, host, '/docs/notes')).toBe(403)
      expect(await upgradeStatus(port, { Host: host })).toBe(403)
    }
  })

  test.each(addresses)('answers no %s %s for such a name', async (method, path) => {
    const { port } = server()
    expect(await statusOf(port, path, `rebind.evil.example:${port}`, method)).toBe(403)
    expect(await statusOf(port, path, `localhost:${port}`, method)).not.toBe(403)
  })

  test.each(['localhost', 'x.localhost', '127.0.0.1', '[::1]', '192.168.1.5', 'app.example'])(
    'answers to %s, and to what it was told to allow',
    async (name) => {
      const { port } = server()
      expect(await pageOf(port, `${name}:${port}`)).toBe(101)
      expect(await statusOf(port, '/healthz', name)).toBe(200)
    },
  )

  test('answers to names below an allowed one', async () => {
    const { port } = server()
    expect(await pageOf(port, 'pr-7.previews.example')).toBe(101)
    expect(await pageOf(port, 'evilpreviews.example')).toBe(403)
  })
})

test('a refusal says what to do, in the response and in the log, and is counted', async () => {
  const server = await serve({ directory: temporaryDirectory(), storage: 'memory:' })
  const { port, url } = server
  const wire = openWire(port)
  wire.socket.write('GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n')
  await wire.ended
  expect(wire.text()).toContain('--allowed-host')
  expect(await statusOf(port, '/metrics', 'evil.example')).toBe(403)
  const api = openWire(port)
  api.socket.write('GET /docs/notes/json HTTP/1.1\r\nHost: evil.example\r\n\r\n')
  await api.ended
  const [, body = ''] = api.text().split('\r\n\r\n')
  expect(body).toContain('{"error":{"code":"HOST","message":"')
  expect(server.errors().match(/evil\.example/g)).toHaveLength(1)
  expect(await metric(url, 'rusher_http_requests_refused_total{reason="host"}')).toBe(3)
})

test('a health check of HTTP/1.0 without Host is answered: no browser sends one', async () => {
  const { port } = await serve({ directory: temporaryDirectory(), storage: 'memory:' })
  const wire = openWire(port)
  wire.socket.write('GET /healthz HTTP/1.0\r\n\r\n')
  await wire.ended
  expect(statusIn(wire.text())).toBe(200)
})

test('an open server checks host names on every interface; one with tokens only with `allowedHosts`', async () => {
  const start = async (config: string) => {
    const directory = temporaryDirectory()
    return (await serve({ directory, storage: 'memory:', config })).port
  }
  const open = await start("{ host: '0.0.0.0' }")
  expect(await pageOf(open, 'evil.example')).toBe(403)
  expect(await pageOf(open, `192.168.1.5:${open}`)).toBe(101)
  const signed = await start(`{ auth: { secret: '${secret}' } }`)
  expect(await pageOf(signed, 'app.example')).toBe(101)
  const told = await start(`{ auth: { secret: '${secret}' }, allowedHosts: ['app.example'] }`)
  expect(await pageOf(told, 'app.example')).toBe(101)
  expect(await pageOf(told, 'evil.example')).toBe(403)
})

test('on a given HTTP server only its own paths are guarded', async () => {
  const httpServer = createHttpServer((_request, response) => response.end('theirs'))
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void httpServer.close())
  const { port } = await startServer({ httpServer })
  expect(await pageOf(port, 'evil.example')).toBe(403)
  expect(await pageOf(port, `localhost:${port}`)).toBe(101)
  expect(await statusOf(port, '/', 'evil.example')).toBe(200)
})
