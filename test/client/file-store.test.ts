import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../src/client/file-store/index.ts'
import { type Client, connect } from '../../src/client/index.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const program = fileURLToPath(new URL('./outbox-child.ts', import.meta.url))
/** A child publishes faster than a person. */
const config = '{ limits: { publishesPerSecond: 10000, publishesBurst: 10000 } }'

interface Child {
  /** What it printed. */
  readonly lines: readonly string[]
  kill(): Promise<void>
}

function run(...words: readonly string[]): Child {
  const child: ChildProcess = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  onTestFinished(kill)
  return { lines, kill }
}

/** The program's next start, in this process. */
function reopen(url: string, folder: string): Client {
  const client = connect(url, { user: { id: 'bot' }, store: fileStore(folder) })
  onTestFinished(() => client.close())
  return client
}

/** Texts of the channel's log, in order. */
async function said(client: Client): Promise<readonly string[]> {
  const texts: string[] = []
  const channel = client.channel<{ kind: string; text: string }>('chat:numbers')
  for (let after = 0; ; ) {
    const { events } = await channel.history({ after, limit: 100 })
    for (const event of events)
      if ('body' in event) texts.push((event.body as { text: string }).text)
    const last = events.at(-1)
    if (last === undefined) return texts
    after = last.offset
  }
}

describe('a store in a file', () => {
  test('what was published while the server was down survives kill -9, and is delivered once in order', async () => {
    const directory = temporaryDirectory()
    const folder = join(directory, 'outbox')
    const { port, url, crash } = await serve({ directory, config })
    await crash()
    const child = run(url, folder, '0', '20')
    await until('the child has stored everything', () => child.lines.includes('done'))
    await child.kill()

    const client = reopen(url, folder)
    const channel = client.channel('chat:numbers')
    const numbers = Array.from({ length: 20 }, (_, n) => String(n))
    await until('the publishes are shown', () => channel.getSnapshot().pending.length === 20)
    expect(channel.getSnapshot().pending.map(({ body }) => body)).toEqual(
      numbers.map((text) => ({ kind: 'say', text })),
    )
    await serve({ directory, config, port })
    client.reconnectNow()
    await until('everything is acknowledged', () => client.status.pending === 0)
    expect(await said(client)).toEqual(numbers)
  })

  test('killed at any moment, a program loses nothing that was stored, and says nothing twice', async () => {
    const directory = temporaryDirectory()
    const folder = join(directory, 'outbox')
    const { url } = await serve({ directory, config })
    const stored: string[] = []
    for (let round = 0; round < 5; round += 1) {
      const child = run(url, folder, String(round * 1_000), '1000')
      await until('the child stores', () => child.lines.length > 5 * (round + 1))
      await child.kill()
      expect(child.lines.filter((line) => line.startsWith('error'))).toEqual([])
      stored.push(...child.lines.flatMap((line) => /^stored (\d+)$/.exec(line)?.[1] ?? []))
    }
    const client = reopen(url, folder)
    client.channel('chat:numbers')
    await until('it is online', () => client.status.state === 'online')
    await until('everything is acknowledged', () => client.status.pending === 0)
    const texts = await said(client)
    expect(stored.filter((text) => !texts.includes(text))).toEqual([])
    expect(new Set(texts).size).toBe(texts.length)
    expect(stored.length).toBeGreaterThan(25)
  })

  test('a second process goes on without the store and says so; after a kill the next one has it', async () => {
    const directory = temporaryDirectory()
    const folder = join(directory, 'outbox')
    const { url, crash } = await serve({ directory, config })
    await crash()
    const first = run(url, folder, '0', '3')
    await until('the first has stored', () => first.lines.includes('done'))
    const second = run(url, folder, '10', '3')
    await until('the second is done', () => second.lines.includes('done'))
    expect(second.lines).toContain('error STORE_LOCKED')
    expect(second.lines.filter((line) => line.startsWith('stored'))).toEqual([])
    await first.kill()
    const third = run(url, folder, '20', '1')
    await until('the third has stored', () => third.lines.includes('done'))
    expect(third.lines).toEqual(['stored 20', 'done'])
  })

  test('two clients of one process do not share a user; a client that follows does', async () => {
    const folder = join(temporaryDirectory(), 'outbox')
    const store = fileStore(folder)
    const options = { user: { id: 'bot' }, store }
    const first = connect('http://127.0.0.1:1', options)
    first.channel('chat:a').publish('one')
    await store.flush()
    const errors: string[] = []
    const second = connect('http://127.0.0.1:1', options)
    second.on('error', ({ code }) => errors.push(code))
    await until('the second is refused', () => errors.length > 0)
    expect(errors).toEqual(['STORE_LOCKED'])
    second.close()
    first.close()
    const next = connect('http://127.0.0.1:1', options)
    onTestFinished(() => next.close())
    await until('it has the publish', () => next.status.pending === 1)
  })

  test('clearing deletes the files of a user, and leaves those of others', async () => {
    const folder = join(temporaryDirectory(), 'outbox')
    const store = fileStore(folder)
    for (const id of ['ada', 'bob']) {
      const client = connect('http://127.0.0.1:1', { user: { id }, store })
      client.channel('chat:a').publish(`of ${id}`)
      await store.flush()
      client.close()
    }
    await store.clear({ user: 'ada' })
    expect(readdirSync(folder)).toHaveLength(1)
    const bob = connect('http://127.0.0.1:1', { user: { id: 'bob' }, store })
    onTestFinished(() => bob.close())
    await until('bob has the publish', () => bob.status.pending === 1)
  })

  test('a folder that cannot be written is reported, and the client goes on', async () => {
    const directory = temporaryDirectory()
    const { url } = await serve({ directory, config })
    const file = join(directory, 'a-file')
    writeFileSync(file, '')
    const errors: string[] = []
    const client = connect(url, { user: { id: 'bot' }, store: fileStore(file) })
    onTestFinished(() => client.close())
    client.on('error', ({ code }) => errors.push(code))
    await client.channel('chat:numbers').publish({ kind: 'say', text: 'one' })
    expect(errors).toEqual(['STORE_FAILED'])
  })
})
