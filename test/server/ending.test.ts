import { describe, expect, test } from 'vitest'
import { openWire, statusIn, upgradeRequest, upgradeStatus } from '../parts/http.ts'
import { isAlive } from '../parts/processes.ts'
import { connectRaw, type Said } from '../parts/raw-client.ts'
import { readLog } from '../parts/read-log.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openClient, openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

const channel = 'chat:a'

describe.each(shapes)('SIGTERM, $shape', ({ edges }) => {
  const start = (config: string, directory = temporaryDirectory()) =>
    serve({ directory, edges, config })

  test('sends clients away, takes no new ones, keeps what it accepted, and exits 0', async () => {
    const directory = temporaryDirectory()
    const config = `{ drainMs: 1500, limits: { ${openLimits} } }`
    const server = await start(config, directory)
    const { url, port } = server
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, index) => connectRaw(url, { id: `user-${index}` })),
    )
    const said: Promise<Said | undefined>[] = []
    const say = (): void => {
      for (const client of clients) {
        if (client.close !== undefined) continue
        said.push(client.say(channel, 'x').catch(() => undefined))
      }
    }
    for (let count = 0; count < 20; count += 1) say()
    server.signal('SIGTERM')
    await until('it drains', () => server.events.some(({ event }) => event === 'draining'))
    await until('nobody new is taken', async () => {
      say()
      return (await upgradeStatus(port)) !== 101
    })
    for (const client of clients) {
      expect(await client.closed).toMatchObject({ code: 4000 })
      const drain = client.messages.find(({ type }) => type === 'drain')
      expect(drain).toMatchObject({ reason: 'SERVER_RESTART' })
    }
    expect(await server.exited).toEqual({ code: 0, signal: null })
    expect(server.events.at(-1)).toMatchObject({ event: 'ended', unsaved: 0, cutOff: 0 })

    const answers = await Promise.all(said)
    const acknowledged = answers.filter((one) => one?.ok !== undefined).length
    const again = await start(config, directory)
    const { events } = await readLog(await connectRaw(again.url, { id: 'reader' }), channel)
    expect(acknowledged).toBeGreaterThanOrEqual(160)
    expect(events.length).toBeGreaterThanOrEqual(acknowledged)
  })

  test('with a client that comes back, costs nothing but the time', async () => {
    const directory = temporaryDirectory()
    const config = `{ drainMs: 200, limits: { ${openLimits} } }`
    const server = await start(config, directory)
    const lobby = openClient(server.url, 'ada').channel(channel)
    await lobby.publish({ kind: 'say', text: 'before' })
    server.signal('SIGTERM')
    const during = lobby.publish({ kind: 'say', text: 'during' })
    expect(await server.exited).toEqual({ code: 0, signal: null })
    const after = lobby.publish({ kind: 'say', text: 'after' })
    const next = await serve({ directory, edges, config, port: server.port })
    await Promise.all([during, after])
    const reader = await connectRaw(next.url, { id: 'reader' })
    expect((await readLog(reader, channel)).events).toHaveLength(3)
  })

  test('a client that does not answer its close does not hold the server', async () => {
    const server = await start('{ drainMs: 0 }')
    const stuck = await connectRaw(server.url)
    stuck.socket.pause()
    const wire = openWire(server.port)
    wire.socket.write(upgradeRequest(server.port))
    await until('it is upgraded', () => statusIn(wire.text()) === 101)
    wire.socket.pause()
    const idle = openWire(server.port)
    await new Promise((resolve) => idle.socket.once('connect', resolve))
    const beganMs = performance.now()
    server.signal('SIGTERM')
    expect(await server.exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - beganMs).toBeLessThan(12_000)
  })

  test('a second signal ends it at once', async () => {
    const server = await start('{ drainMs: 60000 }')
    await connectRaw(server.url)
    server.signal('SIGTERM')
    await until('it drains', () => server.events.some(({ event }) => event === 'draining'))
    expect(isAlive(server.pid)).toBe(true)
    server.signal('SIGTERM')
    // One that drains to its end is gone with 0, and after a minute.
    expect(await server.exited).toEqual({ code: 1, signal: null })
  })

  test('SIGINT does not spread: the server is gone at once', async () => {
    const server = await start('{ drainMs: 60000 }')
    const client = await connectRaw(server.url)
    server.signal('SIGINT')
    expect(await client.closed).toMatchObject({ code: 4000 })
    expect(await server.exited).toEqual({ code: 0, signal: null })
  })
})
