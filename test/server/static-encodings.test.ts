import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type RusherServer } from '../../src/server/index.ts'

const page = `<!doctype html><title>page</title>${'<p>the same again</p>'.repeat(200)}`
const script = 'export const answer = 42\n'.repeat(400)
const hashed = '/assets/index-DiwrgTda.js'

let server: RusherServer
const folder = mkdtempSync(join(tmpdir(), 'rusher-encodings-'))
const outside = mkdtempSync(join(tmpdir(), 'rusher-outside-'))

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), page)
  writeFileSync(join(folder, 'app.js'), script)
  writeFileSync(join(folder, hashed), script)
  writeFileSync(join(folder, 'image.png'), Buffer.alloc(5_000))
  writeFileSync(join(folder, '.hidden.js'), script)
  writeFileSync(join(outside, 'secret.js'), script)
  symlinkSync(join(outside, 'secret.js'), join(folder, 'linked.js'))
  server = await createServer({ port: 0, storage: 'memory:', static: folder })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
  rmSync(outside, { recursive: true })
})

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends the path and the headers as they are, and does not decompress. */
function get(path: string, headers = {}, method = 'GET'): Promise<Answered> {
  const options = { port: server.port, host: '127.0.0.1', path, headers, method }
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
        }),
      )
    })
    sent.on('error', reject).end()
  })
}

const br = { 'accept-encoding': 'gzip, deflate, br' }
const gzip = { 'accept-encoding': 'gzip' }

describe('a file that compresses well', () => {
  test.each([
    ['/', page, 'text/html; charset=utf-8'],
    ['/index.html', page, 'text/html; charset=utf-8'],
    ['/rooms/lobby', page, 'text/html; charset=utf-8'],
    ['/app.js', script, 'text/javascript; charset=utf-8'],
    [hashed, script, 'text/javascript; charset=utf-8'],
  ])('%s comes in Brotli, in gzip, or as it is', async (path, content, type) => {
    const compressed = await get(path, br)
    expect(compressed.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(compressed.body).toString()).toBe(content)
    const zipped = await get(path, gzip)
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body).toString()).toBe(content)
    const plain = await get(path)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.body.toString()).toBe(content)

    const all = [compressed, zipped, plain]
    expect(new Set(all.map(({ headers }) => headers.etag)).size).toBe(3)
    for (const { status, headers, body } of all) {
      expect(status).toBe(200)
      expect(headers).toMatchObject({
        vary: 'Accept-Encoding',
        'content-type': type,
        'content-length': String(body.length),
        'content-security-policy': expect.stringContaining("default-src 'self'") as string,
        'x-content-type-options': 'nosniff',
      })
    }
  })

  test('HEAD answers with the headers of GET and no body', async () => {
    for (const headers of [br, gzip, {}]) {
      const full = await get('/app.js', headers)
      const head = await get('/app.js', headers, 'HEAD')
      expect(head.status).toBe(200)
      expect(head.body.length).toBe(0)
      for (const name of ['content-length', 'content-encoding', 'etag', 'vary', 'content-type']) {
        expect(head.headers[name]).toBe(full.headers[name])
      }
    }
  })

  test('304 answers only for the form that the client has', async () => {
    const tags = await Promise.all(
      [br, gzip, {}].map(async (headers) => (await get('/app.js', headers)).headers.etag ?? ''),
    )
    for (const [index, headers] of [br, gzip, {}].entries()) {
      for (const [of, tag] of tags.entries()) {
        const {
          status,
          body,
          headers: got,
        } = await get('/app.js', {
          ...headers,
          'if-none-match': tag,
        })
        expect(status).toBe(of === index ? 304 : 200)
        if (status !== 304) continue
        expect(body.length).toBe(0)
        expect(got).toMatchObject({ vary: 'Accept-Encoding', 'cache-control': 'no-cache' })
      }
    }
    const both = await get('/app.js', { ...br, 'if-none-match': `"x", ${tags[0]}` })
    expect(both.status).toBe(304)
    expect((await get('/app.js', { ...br, 'if-none-match': '*' })).status).toBe(304)
    const modified = (await get('/app.js', br)).headers['last-modified']
    expect((await get('/app.js', { ...br, 'if-modified-since': modified })).status).toBe(304)
    const never = { ...br, 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }
    expect((await get('/app.js', never)).status).toBe(200)
    expect((await get('/app.js', { ...br, 'if-modified-since': 'soon' })).status).toBe(200)
  })

  test('a range is one of the file as it is', async () => {
    const part = await get('/app.js', { ...br, range: 'bytes=0-9' })
    expect(part.status).toBe(206)
    expect(part.headers['content-encoding']).toBeUndefined()
    expect(part.headers['vary']).toBe('Accept-Encoding')
    expect(part.body.toString()).toBe(script.slice(0, 10))
    const none = await get('/app.js', { ...br, range: 'bytes=99999999-' })
    expect([none.status, none.headers['cache-control']]).toEqual([416, 'no-store'])
    const failed = await get('/app.js', { ...br, 'if-match': '"other"' })
    expect(failed.status).toBe(412)
  })
})

test('a hashed name is kept for a year, and any other is revalidated', async () => {
  const year = 'public, max-age=31536000, immutable'
  for (const headers of [br, {}]) {
    expect((await get(hashed, headers)).headers['cache-control']).toBe(year)
    for (const path of ['/', '/app.js', '/rooms/lobby']) {
      expect((await get(path, headers)).headers['cache-control']).toBe('no-cache')
    }
  }
  expect((await get('/image.png', br)).headers['cache-control']).toBe('no-cache')
  const absent = await get('/assets/index-Aaaa0000.js', br)
  expect([absent.status, absent.headers['cache-control']]).toEqual([404, 'no-store'])
})

test('an image is sent as it is', async () => {
  const { headers, body } = await get('/image.png', br)
  expect(headers['content-encoding']).toBeUndefined()
  expect(headers['vary']).toBeUndefined()
  expect(body.length).toBe(5_000)
})

test.each([
  '/../../etc/passwd.txt',
  '/%2e%2e/%2e%2e/etc/passwd.txt',
  '/..%2f..%2fetc%2fhosts.txt',
  '/assets/../../secret.js',
  '/.hidden.js',
  '/assets/%2e./.hidden.js',
  '/%00.js',
  '/%.js',
  '/app.js%00.html',
  `/${'a'.repeat(5_000)}.js`,
])('the path %s gives nothing away in any form, and the server goes on', async (path) => {
  for (const headers of [br, gzip, {}]) {
    const { status, body } = await get(path, headers)
    expect([400, 403, 404, 500]).toContain(status)
    expect(body.toString()).not.toContain('answer')
  }
  expect((await get('/app.js', br)).status).toBe(200)
})

test('a symbolic link that the operator made is followed, compressed or not', async () => {
  expect(brotliDecompressSync((await get('/linked.js', br)).body).toString()).toBe(script)
  expect((await get('/linked.js')).body.toString()).toBe(script)
})

test('a file that went away is not found, also in its compressed form', async () => {
  writeFileSync(join(folder, 'gone.js'), script)
  expect((await get('/gone.js', br)).status).toBe(200)
  rmSync(join(folder, 'gone.js'))
  expect((await get('/gone.js', br)).status).toBe(404)
})
