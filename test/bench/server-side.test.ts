import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { ServerSecond } from '../../bench-harness/bundle/bundle.ts'
import { createLocalServerSide } from '../../bench-harness/server-side/local-server-side.ts'
import type { ServerSide } from '../../bench-harness/server-side/server-side.ts'
import { connectSshServerSide } from '../../bench-harness/server-side/ssh-server-side.ts'

const program = `
const server = require('node:net').createServer((socket) => socket.on('error', () => {}))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
`
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function startServer(): Promise<{ pid: number; port: number; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  ends.push(() => child.kill())
  const [line] = await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, port: Number(String(line)), child }
}

async function openSockets(port: number, count: number): Promise<void> {
  const sockets: Socket[] = []
  ends.push(() => sockets.map((socket) => socket.destroy()))
  for (let number = 0; number < count; number++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
  }
}

/**
 * Looks until the kernel counts all 40 sockets. It is not asked each time, and its list may miss one while other tests open and close theirs.
 */
async function look(side: ServerSide): Promise<ServerSecond> {
  for (;;) {
    const second = await side.sample()
    if (second.kernel === 40 && second.cpu !== undefined) return second
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function expectFigures(second: ServerSecond): void {
  expect(second.descriptors).toBeGreaterThanOrEqual(40)
  expect(second.descriptorsLeft).toBeGreaterThan(0)
  expect(second.rssBytes).toBeGreaterThan(10_000_000)
  expect(second.slabBytes).toBeGreaterThan(0)
  expect(second.counters).toHaveProperty('ListenOverflows')
}

test('a server that was started here is seen by its process', async () => {
  const { pid, port } = await startServer()
  const notes: string[] = []
  const side = createLocalServerSide({ pid, ports: [port] }, (text) => notes.push(text))
  await side.sample()
  await openSockets(port, 40)
  expectFigures(await look(side))
  expect(await side.facts()).toMatchObject({ processes: 1 })
  expect(notes).toEqual([])
})

test('a server of which only the port is known is found by it', async () => {
  const { port } = await startServer()
  const side = createLocalServerSide({ ports: [port] }, () => undefined)
  await side.sample()
  await openSockets(port, 40)
  expectFigures(await look(side))
})

test('a port on which nobody listens is noted once', async () => {
  const notes: string[] = []
  const side = createLocalServerSide({ ports: [1] }, (text) => notes.push(text))
  await side.sample()
  const second = await side.sample()
  expect(second.rssBytes).toBeUndefined()
  expect(notes).toHaveLength(1)
})

test('the loop that ssh starts sees the same, and ends with its input', async () => {
  const { port } = await startServer()
  const children: ChildProcess[] = []
  const side = await connectSshServerSide(
    { destination: 'box', ports: [port] },
    () => undefined,
    (_file, words) => {
      const child = spawn('sh', ['-c', words.at(-1) ?? ''], { stdio: 'pipe' })
      children.push(child)
      return child
    },
  )
  await side.sample()
  await openSockets(port, 40)
  expectFigures(await look(side))
  const ended = Promise.all(children.map((child) => once(child, 'exit')))
  await side.close()
  await ended
  expect(await side.sample()).toEqual({})
})

test('a machine that ssh does not reach is refused with its own words', async () => {
  const refused = connectSshServerSide(
    { destination: 'box', ports: [1] },
    () => undefined,
    () =>
      spawn('sh', ['-c', 'echo "ssh: connect to host box port 22: refused" >&2; exit 255'], {
        stdio: 'pipe',
      }),
  )
  await expect(refused).rejects.toThrow('connect to host box port 22: refused')
})

test('a connection that is lost is noted once, and the run goes on without', async () => {
  const notes: string[] = []
  const child = spawn('sh', ['-c', 'echo "@pages 4096"; echo "@end"; read -r line'], {
    stdio: 'pipe',
  })
  const side = await connectSshServerSide(
    { destination: 'box', ports: [1] },
    (text) => notes.push(text),
    () => child,
  )
  expect(await side.sample()).toEqual({})
  expect(await side.sample()).toEqual({})
  expect(notes).toHaveLength(1)
})
