import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'

const names = ['ws-echo-peer', 'socket-io-peer', 'hocuspocus-peer'] as const

async function start(
  name: (typeof names)[number],
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const program = fileURLToPath(
    new URL(`../../dist/bench-harness/peers/${name}.js`, import.meta.url),
  )
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const said = JSON.parse(String(line)) as { readonly event: string; readonly port: number }
  expect(said.event).toBe('listening')
  return { child, port: said.port }
}

async function open(url: string): Promise<WebSocket> {
  const ws = new WebSocket(url)
  onTestFinished(() => ws.terminate())
  await once(ws, 'open')
  return ws
}

/** What comes, one after another, also before somebody asks. */
function heardBy(ws: WebSocket): () => Promise<string> {
  const texts: string[] = []
  const waiting: ((text: string) => void)[] = []
  ws.on('message', (bytes) => {
    const next = waiting.shift()
    if (next === undefined) texts.push(String(bytes))
    else next(String(bytes))
  })
  return () => {
    const text = texts.shift()
    return text === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(text)
  }
}

describe.each(names)('%s', (name) => {
  it('says where it listens, and ends when its standard input does', async () => {
    const { child } = await start(name)
    child.stdin?.end()
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })

  it('ends on SIGTERM', async () => {
    const { child } = await start(name)
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })
})

describe('plain ws', () => {
  it('echoes a text', async () => {
    const { port } = await start('ws-echo-peer')
    const ws = await open(`ws://127.0.0.1:${port}/`)
    const heard = heardBy(ws)
    ws.send('e1 hello')
    expect(await heard()).toBe('e1 hello')
  })

  it('gives what is said at /fanout to all who are there', async () => {
    const { port } = await start('ws-echo-peer')
    const url = `ws://127.0.0.1:${port}/fanout`
    const [one, two] = [await open(url), await open(url)]
    const heard = [heardBy(one), heardBy(two)]
    one.send('phello')
    expect(await Promise.all(heard.map((next) => next()))).toEqual(['phello', 'phello'])
  })
})

describe('Socket.IO', () => {
  it('acknowledges an echo and a join, and gives what is said to the room', async () => {
    const { port } = await start('socket-io-peer')
    const ws = await open(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
    const heard = heardBy(ws)
    expect(await heard()).toMatch(/^0\{/)
    ws.send('40')
    expect(await heard()).toMatch(/^40/)
    ws.send('420["join",["room"]]')
    expect(await heard()).toMatch(/^430/)
    ws.send('421["echo","hello"]')
    expect(await heard()).toMatch(/^431/)
    ws.send('42["say","room","hello"]')
    expect(await heard()).toBe('42["say","room","hello"]')
  })
})
