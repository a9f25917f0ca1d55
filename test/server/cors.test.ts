import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createServer, type RusherServer } from '../../src/server/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'rusher-cors-'))
let server: RusherServer

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<h1>page</h1>')
  server = await createServer({
    port: 0,
    storage: 'memory:',
    static: folder,
    origins: ['https://*.example.com'],
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const listed = { origin: 'https://app.example.com' }
const foreign = { origin: 'https://evil.example' }

function get(path: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers, method })
}

test.each(['/', '/absent.js', '/docs/notes/json'])(
  'a page of a listed origin may read the answer at %s, and any other may not',
  async (path) => {
    const { headers } = await get(path, listed)
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(headers.get('access-control-expose-headers')).toContain('ETag')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('vary')).toContain('Origin')
    for (const other of [foreign, { origin: 'null' }, {}]) {
      const refused = await get(path, other as Record<string, string>)
      expect(refused.headers.get('access-control-allow-origin')).toBeNull()
      expect(refused.headers.get('vary')).toContain('Origin')
    }
  },
)

test('a preflight of a listed origin is allowed, and no other', async () => {
  const asking = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization, content-type',
  }
  const allowed = await get('/docs/notes/json', { ...listed, ...asking }, 'OPTIONS')
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT')
  expect(allowed.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(
    'authorization',
  )
  const refused = await get('/docs/notes/json', { ...foreign, ...asking }, 'OPTIONS')
  expect(refused.status).not.toBe(204)
  expect(refused.headers.get('access-control-allow-methods')).toBeNull()
})

test.each(['/healthz', '/readyz', '/metrics'])('%s is for no other site', async (path) => {
  const { headers } = await get(path, listed)
  expect(headers.get('access-control-allow-origin')).toBeNull()
})

test('a server without origins sends no CORS headers', async () => {
  const own = await createServer({ port: 0, storage: 'memory:', static: folder })
  onTestFinished(() => void own.close())
  const { headers } = await fetch(`${own.url}/`, { headers: listed })
  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(headers.get('vary') ?? '').not.toContain('Origin')
})
