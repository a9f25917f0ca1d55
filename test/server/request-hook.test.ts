import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createServer, type ServerOptions } from '../../src/server/index.ts'
import { silentLog } from '../../src/server/log/log.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

async function start(options: ServerOptions): Promise<string> {
  const server = await createServer({ storage: 'memory:', port: 0, ...options })
  onTestFinished(async () => {
    await server.close({ deadlineMs: 500 })
  })
  return `http://127.0.0.1:${server.port}`
}

test('onRequest answers paths of its own, with any method and a body', async () => {
  const url = await start({
    async onRequest(request, response) {
      if (request.url !== '/login') return false
      response.end(`${request.method} ${await text(request)}`)
      return true
    },
  })
  const response = await fetch(`${url}/login`, { method: 'POST', body: 'ada' })
  expect(await response.text()).toBe('POST ada')
})

test('what onRequest leaves to the server is answered as without it', async () => {
  const folder = temporaryDirectory()
  writeFileSync(join(folder, 'index.html'), 'the app')
  for (const onRequest of [() => false, async () => false]) {
    const url = await start({ static: folder, onRequest })
    expect(await (await fetch(url)).text()).toBe('the app')
    expect((await fetch(`${url}/nothing.txt`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405)
  }
})

test('onRequest is not asked about documents, health, readiness and metrics', async () => {
  const onRequest = vi.fn(() => false)
  const url = await start({ onRequest })
  for (const path of ['/docs', '/docs/notes/text', '/healthz', '/readyz', '/metrics']) {
    await fetch(url + path)
  }
  expect(onRequest).not.toHaveBeenCalled()
})

test('a host name that is not allowed is refused before onRequest is called', async () => {
  const onRequest = vi.fn(() => false)
  const url = await start({ onRequest, allowedHosts: ['app.example.com'] })
  const refused = await statusFor(url, 'evil.example.com')
  expect(refused).toBe(403)
  expect(onRequest).not.toHaveBeenCalled()
})

/** The status of a request with a `Host` of one's choice, which `fetch` does not send. */
function statusFor(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('an onRequest that throws is logged and answered with 500, and the server goes on', async () => {
  const error = vi.fn()
  const fail = (): boolean => {
    throw new Error('the database is down')
  }
  for (const onRequest of [fail, async () => fail()]) {
    const url = await start({ onRequest, log: { ...silentLog, error } })
    expect((await fetch(`${url}/login`)).status).toBe(500)
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
  }
  expect(error).toHaveBeenCalledTimes(2)
})

test('rusher serve calls the onRequest of its configuration, which sees the variables of .env', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, '.env'), 'GREETING=hello\n')
  writeFileSync(
    join(directory, 'rusher.config.mjs'),
    `export default {
      onRequest(request, response) {
        if (request.url !== '/greeting') return false
        response.end(process.env.GREETING)
        return true
      },
    }\n`,
  )
  for (const edges of [0, 2]) {
    const { url } = await serve({ directory, edges, storage: 'memory:' })
    expect(await (await fetch(`${url}/greeting`)).text()).toBe('hello')
  }
})
