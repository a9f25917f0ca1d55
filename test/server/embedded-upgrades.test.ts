import { EventEmitter } from 'node:events'
import { Server } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createServer, type RusherServer, type ServerOptions } from '../../src/server/index.ts'
import { startServer } from '../documents/parts/own-server.ts'
import { openDocument } from '../documents/parts/providers.ts'
import { openWire, statusIn, upgradeRequest, upgradeStatus } from '../parts/http.ts'
import { echoed, echoOn, type ProgramServer, startProgram } from '../parts/http-server.ts'
import { connectRaw, joinedAt, openRaw } from '../parts/raw-client.ts'
import { until } from '../parts/until.ts'

async function embed(options: ServerOptions): Promise<RusherServer> {
  const server = await createServer({ storage: 'memory:', ...options })
  onTestFinished(async () => {
    await server.close({ deadlineMs: 500 })
  })
  return server
}

/** Opens a session and a document; both must work. */
async function useRusher({ url }: Pick<ProgramServer, 'url'>): Promise<void> {
  const client = await connectRaw(url)
  joinedAt(await client.join('chat:a'))
  expect(await client.say('chat:a', 'hello')).toHaveProperty('ok')
  const page = await openDocument('y-websocket 3.1', url, 'notes')
  await until('the document is open', () => page.synced)
}

/** Writes a request and gives what came back by the end, or after its head. */
async function answerTo(port: number, request: string): Promise<string> {
  const wire = openWire(port)
  wire.socket.write(request)
  await Promise.race([wire.ended, until('it is answered', () => wire.text().includes('\r\n\r\n'))])
  return wire.text()
}

test.each(['before', 'after'])(
  '`ws` with a path of its own, added %s Rusher, keeps its path, and Rusher its own',
  async (when) => {
    const program = await startProgram()
    const { httpServer, url } = program
    const add = (): void => echoOn(new WebSocketServer({ server: httpServer, path: '/echo' }))
    if (when === 'before') add()
    await embed({ httpServer })
    if (when === 'after') add()
    expect(await echoed(`${url}/echo`)).toBe('hello')
    await useRusher(program)
    expect(await echoed(`${url}/echo`)).toBe('hello')
  },
)

test('another listener gets every upgrade at a path that is not Rusher’s, and no other', async () => {
  const { httpServer, port, url } = await startProgram()
  const seen: (string | undefined)[] = []
  await embed({ httpServer })
  httpServer.on('upgrade', (request, socket) => {
    seen.push(request.url)
    socket.end('HTTP/1.1 418 Theirs\r\nConnection: close\r\n\r\n')
  })
  for (const path of ['/', '/rusherr', '/rusher/', '/document', '/theirs?/rusher']) {
    expect(await upgradeStatus(port, {}, path)).toBe(418)
  }
  expect(await upgradeStatus(port, { Upgrade: 'h2c' }, '/theirs')).toBe(418)
  expect(await upgradeStatus(port, {}, '/rusher?token=x')).toBe(101)
  expect(await upgradeStatus(port, {}, '/docs/notes')).toBe(101)
  expect(await upgradeStatus(port, { Origin: 'https://evil.example' })).toBe(403)
  expect(seen).toEqual(['/', '/rusherr', '/rusher/', '/document', '/theirs?/rusher', '/theirs'])
  await connectRaw(url)
})

test('where nobody else listens, an upgrade elsewhere is a request that the program answers', async () => {
  const { httpServer, port } = await startProgram((_request, response) => {
    response.writeHead(404).end('no such page')
  })
  await embed({ httpServer })
  const answers = Array.from({ length: 50 }, () =>
    answerTo(port, upgradeRequest(port, { Connection: 'Upgrade' }, '/rusherr')),
  )
  for (const answer of await Promise.all(answers)) {
    expect(statusIn(answer)).toBe(404)
    expect(answer).toContain('no such page')
  }
})

test('where Node has no say in what is an upgrade, one that nobody owns is answered 404', async () => {
  const { httpServer, port } = await startProgram()
  // Node before 24.9 and 22.21 emits `upgrade` whenever there is a listener.
  Object.defineProperty(httpServer, 'shouldUpgradeCallback', {
    get: () => undefined,
    set: () => undefined,
  })
  const { handleUpgrade } = await embed({ listen: false })
  expect(handleUpgrade).toBeTypeOf('function')
  await embed({ httpServer })
  const request = { url: '/rusherr', method: 'GET', headers: {} }
  const wire = openWire(port)
  const [socket] = await new Promise<[unknown]>((resolve) => {
    httpServer.once('connection', (accepted) => resolve([accepted]))
  })
  httpServer.emit('upgrade', request, socket, Buffer.alloc(0))
  await wire.ended
  expect(statusIn(wire.text())).toBe(404)
})

test('a request that offers h2c, as Java’s client does, is a request of the program', async () => {
  const { httpServer, port } = await startProgram()
  await embed({ httpServer })
  const offer = `Host: localhost:${port}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n`
  for (const path of ['/', '/rusher']) {
    const answer = await answerTo(port, `GET ${path} HTTP/1.1\r\n${offer}`)
    expect(statusIn(answer)).toBe(200)
    expect(answer).toContain('theirs')
  }
})

test('two Rusher servers share one HTTP server by their paths, and either can close first', async () => {
  for (const closesFirst of [0, 1]) {
    const { httpServer, port, url } = await startProgram()
    const paths = ['/one', '/two'].map((base) => ({
      path: `${base}/rusher`,
      documents: { path: `${base}/docs` },
    }))
    const servers: RusherServer[] = []
    for (const path of paths) servers.push(await embed({ httpServer, ...path }))
    for (const { path, documents } of paths) {
      expect(await upgradeStatus(port, {}, path)).toBe(101)
      expect(await upgradeStatus(port, {}, `${documents.path}/notes`)).toBe(101)
    }
    expect(await upgradeStatus(port, {}, '/neither')).toBe(200)
    await servers[closesFirst]?.documents.writeText('notes', 'only here')
    await expect(servers[1 - closesFirst]?.documents.describe('notes')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await servers[closesFirst]?.close({ deadlineMs: 500 })
    expect(await upgradeStatus(port, {}, paths[closesFirst]?.path)).toBe(200)
    expect(await upgradeStatus(port, {}, paths[1 - closesFirst]?.path)).toBe(101)
    await servers[1 - closesFirst]?.close({ deadlineMs: 500 })
    expect(await (await fetch(url)).text()).toBe('theirs')
    expect(httpServer.listenerCount('upgrade')).toBe(0)
    expect(Object.hasOwn(httpServer, 'emit')).toBe(false)
  }
})

test('two Rusher servers with one path on one HTTP server are a mistake that is said at once', async () => {
  const program = await startProgram()
  const { httpServer } = program
  await embed({ httpServer })
  await expect(embed({ httpServer, path: '/second' })).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('documents.path') as string,
  })
  await useRusher(program)
})

test('after close, the HTTP server is as it was, and another Rusher server can take its paths', async () => {
  const program = await startProgram()
  const { httpServer, port } = program
  const first = await embed({ httpServer })
  await first.close({ deadlineMs: 500 })
  expect(httpServer.listenerCount('upgrade')).toBe(0)
  expect(httpServer.emit).toBe(EventEmitter.prototype.emit)
  expect(httpServer).toBeInstanceOf(Server)
  expect(await upgradeStatus(port)).toBe(200)
  await embed({ httpServer })
  await useRusher(program)
})

test('while it drains, it tells newcomers on the program’s server when to come again', async () => {
  const { httpServer, port, url } = await startProgram()
  const server = await embed({ httpServer })
  const client = await connectRaw(url)
  const closing = server.close({ spreadMs: 60_000, deadlineMs: 2_000 })
  const answer = await answerTo(port, upgradeRequest(port))
  expect(statusIn(answer)).toBe(503)
  expect(answer).toMatch(/Retry-After: \d+/)
  client.socket.close()
  await closing
})

test('the URL and the port are those of the program’s server once it listens', async () => {
  const { httpServer, url, port } = await startProgram()
  const server = await embed({ httpServer })
  expect(server).toMatchObject({ url, port })
  httpServer.close()
  httpServer.closeAllConnections()
  expect(server).toMatchObject({ url: undefined, port: 0 })
})

test('`handleUpgrade` takes what is Rusher’s, and leaves everything else untouched', async () => {
  const program = await startProgram()
  const { httpServer, port, url } = program
  const server = await embed({ listen: false })
  expect(server).toMatchObject({ url: undefined, port: 0 })
  const taken: (readonly [string | undefined, boolean])[] = []
  const echo = new WebSocketServer({ noServer: true })
  echoOn(echo)
  httpServer.on('upgrade', (request, socket, head) => {
    const isTaken = server.handleUpgrade(request, socket, head)
    taken.push([request.url, isTaken])
    if (isTaken) return
    expect(socket.listenerCount('error')).toBe(0)
    echo.handleUpgrade(request, socket, head, (client) => echo.emit('connection', client, request))
  })
  expect(await echoed(`${url}/rusherr`)).toBe('hello')
  await useRusher(program)
  expect(await upgradeStatus(port, { Origin: 'https://evil.example' })).toBe(403)
  expect(new Map(taken)).toEqual(
    new Map([
      ['/rusherr', false],
      ['/rusher', true],
      ['/docs/notes', true],
    ]),
  )
  await server.close({ deadlineMs: 500 })
  expect(await upgradeStatus(port)).toBe(503)
})

test('an upgrade can be handed over later, after the program has looked something up', async () => {
  const program = await startProgram()
  const server = await embed({ listen: false })
  program.httpServer.on('upgrade', (request, socket, head) => {
    setImmediate(() => void server.handleUpgrade(request, socket, head))
  })
  await useRusher(program)
  const client = await openRaw(program.url)
  expect(await client.connect({ id: 'bob' })).toMatchObject({ user: { id: 'bob' } })
})

test('edge processes accept connections themselves: what contradicts that is said at the start', async () => {
  const { httpServer } = await startProgram()
  const edges = { count: 1, launch: () => expect.fail('no edge is launched') }
  for (const options of [{ httpServer }, { listen: false }, { unixSocket: '/x' }] as const) {
    await expect(createServer({ storage: 'memory:', ...options }, edges)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('edge') as string,
    })
  }
  await expect(
    createServer({ storage: 'memory:', httpServer, listen: false }),
  ).rejects.toMatchObject({ code: 'CONFIG' })
  const server = await startServer({}, 1)
  const { request, socket } = { request: {}, socket: {} } as never
  for (const act of [
    () => server.handleUpgrade(request, socket, Buffer.alloc(0)),
    () => server.handleRequest(request, socket),
  ]) {
    expect(act).toThrow(expect.objectContaining({ code: 'EDGES_UNSUPPORTED' }) as Error)
  }
})
