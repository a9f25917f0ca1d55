import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDocument } from './documents/parts/providers.ts'
import { upgradeStatus } from './parts/http.ts'
import { echoed } from './parts/http-server.ts'
import { connectRaw, joinedAt, openRaw } from './parts/raw-client.ts'
import { temporaryDirectory } from './parts/temporary-directory.ts'
import { until } from './parts/until.ts'

const guide = readFileSync(new URL('../docs/embedding.md', import.meta.url), 'utf8')

/** The programs of the guide, by the file that it names before each. */
const programs = new Map(
  [...guide.matchAll(/`examples\/embed\/([\w.-]+)`:\n\n```\w+\n([\s\S]*?)\n```/g)].map(
    ([, name = '', text = '']) => [name, text],
  ),
)

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../examples/embed/${name}`, import.meta.url))
}

/** Runs a program as the guide has it; gives its address. */
async function run(name: string): Promise<{ readonly url: string; readonly port: number }> {
  const lines: string[] = []
  const child = spawn(process.execPath, [pathOf(name)], {
    cwd: temporaryDirectory(),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await until('it listens', () => /port: \d+/.test(lines.join(' ')))
  const port = Number(/port: (\d+)/.exec(lines.join(' '))?.[1])
  return { url: `http://127.0.0.1:${port}`, port }
}

test('the guide has each program as it is in the repository', () => {
  expect([...programs.keys()]).toEqual([
    'server.ts',
    'express.ts',
    'fastify.ts',
    'next.mjs',
    'ws.ts',
    'route-upgrades.ts',
    'cookies.ts',
  ])
  for (const [name, text] of programs) expect(`${text}\n`).toBe(readFileSync(pathOf(name), 'utf8'))
})

// Next is too large a dependency for one test.
const open = ['server.ts', 'express.ts', 'fastify.ts', 'ws.ts', 'route-upgrades.ts']

describe.each(open)('the program %s', (name) => {
  test('serves channels, documents and the documents API, and refuses pages of others', async () => {
    const { url, port } = await run(name)
    const client = await connectRaw(url)
    joinedAt(await client.join('chat:a'))
    expect(await client.say('chat:a', 'hello')).toHaveProperty('ok')
    const page = await openDocument('Hocuspocus 4', url, 'notes')
    await until('the document is open', () => page.synced)
    const put = await fetch(`${url}/docs/notes/text`, { method: 'PUT', body: 'from a backend' })
    expect(put.status).toBe(200)
    expect(await (await fetch(`${url}/docs/notes/text`)).text()).toBe('from a backend')
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await upgradeStatus(port, { Origin: 'https://evil.example' })).toBe(403)
    expect(await upgradeStatus(port, {}, '/elsewhere')).not.toBe(101)
  })
})

test.each(['fastify.ts', 'ws.ts', 'route-upgrades.ts'])(
  'the program %s has WebSockets of its own beside Rusher',
  async (name) => {
    const { url } = await run(name)
    expect(await echoed(`${url}/echo`, 'mine')).toBe('mine')
    await connectRaw(url)
    expect(await echoed(`${url}/echo`, 'still mine')).toBe('still mine')
  },
)

test.each(['express.ts', 'fastify.ts'])(
  'the program %s publishes for its own route',
  async (name) => {
    const { url } = await run(name)
    const client = await connectRaw(url)
    await client.join('chat:lobby')
    const response = await fetch(`${url}/announce`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: 'to all' }),
    })
    expect(response.status).toBe(200)
    await until('it has come', () => client.events('chat:lobby').length === 1)
  },
)

test('the program cookies.ts admits the session of a cookie, and nobody else', async () => {
  const { url } = await run('cookies.ts')
  const ann = await openRaw(url, { Cookie: 'sid=5f0c' })
  const reply = await ann.ask({ type: 'connect', version: 1 })
  expect(reply.ok).toMatchObject({ user: { id: 'ann', name: 'Ann' } })
  const stranger = await openRaw(url, { Cookie: 'sid=0000' })
  expect((await stranger.ask({ type: 'connect', version: 1 })).error).toMatchObject({
    code: 'TOKEN_REFUSED',
  })
  expect((await fetch(`${url}/docs`, { headers: { Cookie: 'sid=5f0c' } })).status).toBe(200)
  expect((await fetch(`${url}/docs`)).status).toBe(401)
})
