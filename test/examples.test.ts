import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Client, connect } from 'rusher/client'
import { expect, onTestFinished, test } from 'vitest'
import { openDocument } from './documents/parts/providers.ts'
import { serve } from './parts/serve.ts'
import { temporaryDirectory } from './parts/temporary-directory.ts'
import { until } from './parts/until.ts'

function example(path: string): string {
  return fileURLToPath(new URL(`../examples/${path}`, import.meta.url))
}

function open(url: string, id: string): Client {
  const client = connect(url, { user: { id } })
  onTestFinished(() => client.close())
  return client
}

/** Runs an example as its README says, and gives the lines it writes. */
function run(path: string, args: readonly string[], directory: string): readonly string[] {
  const lines: string[] = []
  const child = spawn(process.execPath, [example(path), ...args], {
    cwd: directory,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return lines
}

async function serveCounter(storage = 'memory:', directory = temporaryDirectory()) {
  const flags = ['--config', example('counter/rusher.config.ts')]
  return await serve({ directory, storage, flags })
}

test('the counter counts for everybody, answers a request, and keeps to its bounds', async () => {
  const { url } = await serveCounter()
  const ada = open(url, 'ada').channel('counter:visits')
  const bob = open(url, 'bob').channel('counter:visits')
  await until('bob has joined', () => bob.getSnapshot().state === 'joined')

  await ada.publish({ kind: 'add', by: 2 })
  await bob.publish({ kind: 'add', by: 3 })
  await expect(ada.publish({ kind: 'add', by: -6 })).rejects.toMatchObject({ code: 'DENIED' })
  await expect(ada.publish({ kind: 'jump' })).rejects.toMatchObject({ code: 'BAD_COMMAND' })

  expect(await ada.request({ kind: 'read' })).toEqual({ value: 5 })
  await until('bob has both events', () => bob.getSnapshot().events.length === 2)
  expect(bob.getSnapshot().events).toMatchObject([{ body: { value: 2 } }, { body: { value: 5 } }])
})

test('publishes of many clients at once are each decided on what was committed before', async () => {
  const { url } = await serveCounter()
  const channels = ['a', 'b', 'c', 'd', 'e'].map((id) => open(url, id).channel('counter:visits'))
  const adding = channels.flatMap((channel) =>
    [1, 2, 3, 4, 5].map((by) => channel.publish({ kind: 'add', by })),
  )
  await Promise.all(adding)
  expect(await channels[0]?.request({ kind: 'read' })).toEqual({ value: 75 })
})

test('the count goes on after a restart', async () => {
  const directory = temporaryDirectory()
  const first = await serveCounter('sqlite:./count.db', directory)
  await open(first.url, 'ada').channel('counter:visits').publish({ kind: 'add', by: 7 })
  await first.crash()

  const second = await serveCounter('sqlite:./count.db', directory)
  const again = open(second.url, 'ada').channel('counter:visits')
  expect(await again.request({ kind: 'read' })).toEqual({ value: 7 })
})

test('the documents example counts the words of a page for all clients and on request', async () => {
  const lines = run('documents/server.ts', [], temporaryDirectory())
  await until('it listens', () => lines.some((line) => line.startsWith('listening')))
  const url = lines.find((line) => line.startsWith('listening'))?.split(' ')[1] ?? ''
  const page = await openDocument('Hocuspocus 4', url, 'notes')
  await until('it was seeded', () => page.doc.getText('text').toString() === 'Write here.')
  page.doc.getText('text').insert(0, 'Please ')
  await until('the page is told', () => page.statelesses.includes('{"kind":"count","words":3}'))
  const reader = await openDocument('Hocuspocus 3', url, 'notes')
  reader.sendStateless('count')
  await until('it is answered', () => reader.statelesses.length === 1)
  expect(reader.statelesses).toEqual(['{"kind":"count","words":3}'])
})

test("the counter's client says what it did", async () => {
  const { url } = await serveCounter()
  const lines = run('counter/client.ts', [url], temporaryDirectory())
  await until('the count was said', () => lines.includes('the server says: { value: 1 }'))
})

test('the embedding server answers HTTP as before, takes sessions, and publishes', async () => {
  const lines = run('embed/server.ts', [], temporaryDirectory())
  await until('it listens', () => lines.some((line) => line.startsWith('listening')))
  const url = `http://127.0.0.1:${/port: (\d+)/.exec(lines.join(' '))?.[1] ?? ''}`
  expect(await (await fetch(url)).text()).toContain('POST /announce')

  const lobby = open(url, 'ada').channel('chat:lobby')
  await until('ada has joined', () => lobby.getSnapshot().state === 'joined')
  const told = await fetch(`${url}/announce`, { method: 'POST' })
  expect(await told.text()).toBe('event 1\n')
  await until('the announcement has come', () => lobby.getSnapshot().events.length === 1)
  expect(lobby.getSnapshot().events[0]?.user).toEqual({ id: 'server', name: 'Announcements' })
})
