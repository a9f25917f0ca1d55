import { writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createServer, type RusherServer, type ServerOptions } from '../../src/server/index.ts'
import { createBreakableStorage } from '../documents/parts/own-server.ts'
import { type ProgramServer, startProgram } from '../parts/http-server.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

/** A program that hands every request to Rusher first, and answers the others with `theirs`. */
async function startBoth(
  options: ServerOptions = {},
): Promise<ProgramServer & { readonly rusher: RusherServer }> {
  let rusher: RusherServer | undefined
  const program = await startProgram((request, response) => {
    if (rusher?.handleRequest(request, response) !== true) response.end('theirs')
  })
  rusher = await createServer({ storage: 'memory:', httpServer: program.httpServer, ...options })
  const made = rusher
  onTestFinished(async () => {
    await made.close({ deadlineMs: 500 })
  })
  return { ...program, rusher }
}

/** The status of a request with a header that `fetch` does not let one set. */
function statusOf(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('health, metrics and the documents API are answered on the program’s server', async () => {
  const { url, rusher } = await startBoth()
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('rusher_')
  const put = await fetch(`${url}/docs/notes/text`, { method: 'PUT', body: 'over HTTP' })
  expect(put.status).toBe(200)
  expect((await rusher.documents.readText('notes')).text).toBe('over HTTP')
  expect(await (await fetch(`${url}/docs/notes/text`)).text()).toBe('over HTTP')
  expect((await fetch(`${url}/rusher`)).status).toBe(426)
})

test('every other request is the program’s', async () => {
  const { url } = await startBoth()
  for (const path of ['/', '/healthz/x', '/rusherr', '/document', '/index.html', '/?/docs']) {
    const response = await fetch(url + path, { method: 'POST', body: 'x' })
    expect(await response.text()).toBe('theirs')
    expect(await (await fetch(url + path)).text()).toBe('theirs')
  }
})

test('paths of its own are answered where the program has others at the usual ones', async () => {
  const { url } = await startBoth({ path: '/live', documents: { path: '/api/pages' } })
  expect((await fetch(`${url}/live`)).status).toBe(426)
  expect((await fetch(`${url}/api/pages`)).status).toBe(200)
  expect(await (await fetch(`${url}/docs`)).text()).toBe('theirs')
  expect(await (await fetch(`${url}/rusher`)).text()).toBe('theirs')
})

test('with `static`, files are answered for GET and HEAD, and other methods are the program’s', async () => {
  const folder = temporaryDirectory()
  writeFileSync(join(folder, 'page.txt'), 'a file')
  const { url } = await startBoth({ static: folder })
  expect(await (await fetch(`${url}/page.txt`)).text()).toBe('a file')
  expect((await fetch(`${url}/none.txt`)).status).toBe(404)
  expect(await (await fetch(`${url}/page.txt`, { method: 'POST' })).text()).toBe('theirs')
})

test('unknown host names and origins are refused on Rusher’s paths, and only there', async () => {
  const { url, port } = await startBoth()
  const rebound = { Host: `evil.example:${port}` }
  for (const path of ['/healthz', '/metrics', '/docs', '/docs/notes/text', '/rusher']) {
    expect(await statusOf(url + path, rebound)).toBe(403)
  }
  expect(await statusOf(url, rebound)).toBe(200)
  const page = { Origin: 'https://evil.example' }
  expect(await statusOf(`${url}/docs/notes/text`, page, 'PUT')).toBe(403)
  expect(await statusOf(url, page, 'PUT')).toBe(200)
})

test('a body that a parser of the program has read already is an error that says so', async () => {
  let rusher: RusherServer | undefined
  const { url } = await startProgram((request, response) => {
    request.resume().on('end', () => void rusher?.handleRequest(request, response))
  })
  rusher = await createServer({ storage: 'memory:', listen: false })
  const made = rusher
  onTestFinished(async () => {
    await made.close({ deadlineMs: 500 })
  })
  const response = await fetch(`${url}/docs/notes/text`, { method: 'PUT', body: 'lost' })
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    error: { code: 'BODY_READ', message: expect.stringContaining('body parsers') as string },
  })
})

test('a closed server answers 503 to what it is still handed', async () => {
  const { url, rusher } = await startBoth()
  await rusher.close({ deadlineMs: 500 })
  for (const path of ['/healthz', '/readyz', '/docs/notes/text']) {
    const response = await fetch(url + path)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } })
  }
  expect(await (await fetch(url)).text()).toBe('theirs')
})

test('a request that waits when the server closes is answered', async () => {
  const storage = createBreakableStorage()
  const { url, rusher } = await startBoth({ storage })
  storage.held = true
  onTestFinished(() => {
    storage.held = false
  })
  const waiting = fetch(`${url}/docs/notes/text`, { method: 'PUT', body: 'unsaved' })
  await until('it waits for the disk', async () => {
    return (await (await fetch(`${url}/metrics`)).text()).includes('rusher_http_requests 1')
  })
  await rusher.close({ deadlineMs: 300 })
  expect((await waiting).status).toBe(503)
})
