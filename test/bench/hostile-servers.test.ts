import { once } from 'node:events'
import net from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { type AtEnd, serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { broadcasting } from './parts/broadcasting.ts'
import {
  drippingUpgrade,
  fragmentedText,
  type HostileServer,
  neverAccepting,
  refusingEvery,
  reorderingEcho,
  sendingBytes,
  stallingEcho,
  upgradingWithFirstFrame,
  wronglyAccepting,
} from './parts/hostile-servers.ts'
import { type MeddlingProxy, meddlingProxy } from './parts/meddling-proxy.ts'
import { type RunningBench, startBench } from './parts/run-bench.ts'

async function start(starting: Promise<HostileServer>): Promise<HostileServer> {
  const server = await starting
  onTestFinished(() => server.close())
  return server
}

function open({ port }: HostileServer): WebSocket {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/`)
  onTestFinished(() => ws.terminate())
  return ws
}

async function firstText(ws: WebSocket): Promise<string> {
  const [bytes] = await once(ws, 'message')
  return String(bytes)
}

describe('a server that never accepts', () => {
  it('has its TCP handshakes completed by the kernel, all of them', async () => {
    const server = await start(neverAccepting(200))
    const sockets = Array.from({ length: 200 }, () => net.connect(server.port, '127.0.0.1'))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n\r\n')
    expect(sockets.every(({ bytesRead }) => bytesRead === 0)).toBe(true)
    expect(server.counts.accepted).toBe(0)
  })

  it('is gone when it is closed', async () => {
    const server = await neverAccepting(10)
    await server.close()
    await expect(once(net.connect(server.port, '127.0.0.1'), 'connect')).rejects.toThrow(
      'ECONNREFUSED',
    )
  })
})

describe('upgrades that a client has to take', () => {
  it('come a byte at a time', async () => {
    const ws = open(await start(drippingUpgrade('late')))
    expect(await firstText(ws)).toBe('late')
  })

  it('come in one packet with the first frame', async () => {
    const ws = open(await start(upgradingWithFirstFrame('early')))
    expect(await firstText(ws)).toBe('early')
  })

  it('are followed by a text in fragments', async () => {
    const ws = open(await start(sendingBytes(fragmentedText)))
    expect(await firstText(ws)).toBe('abc')
  })
})

describe('upgrades that a client has to refuse', () => {
  it('have the accept key of another request', async () => {
    const ws = open(await start(wronglyAccepting()))
    const [error] = await once(ws, 'error')
    expect(String(error)).toContain('Sec-WebSocket-Accept')
  })

  it('are answered with 503, every tenth', async () => {
    const server = await start(refusingEvery(10))
    const outcomes: string[] = []
    for (let no = 0; no < 20; no += 1) {
      const ws = open(server)
      ws.on('error', () => {})
      outcomes.push(
        await Promise.race([
          once(ws, 'open').then(() => 'open'),
          once(ws, 'unexpected-response').then(([, { statusCode }]) => String(statusCode)),
        ]),
      )
    }
    expect(outcomes.filter((outcome) => outcome === '503')).toHaveLength(2)
    expect(server.counts).toMatchObject({ upgraded: 18, refused: 2 })
  })
})

describe('an echo', () => {
  it('that reorders gives everything back, two of them the other way round', async () => {
    const ws = open(await start(reorderingEcho(3)))
    const back: string[] = []
    ws.on('message', (bytes) => back.push(String(bytes)))
    await once(ws, 'open')
    for (const text of ['1', '2', '3', '4', '5']) ws.send(text)
    await until('five have come back', () => back.length === 5)
    expect(back).toEqual(['1', '2', '4', '3', '5'])
  })

  it('that stalls answers in the end', async () => {
    const server = await start(stallingEcho(50, 100))
    const ws = open(server)
    await once(ws, 'open')
    ws.send('there')
    expect(await firstText(ws)).toBe('there')
    await until('its counts have come', () => server.counts.sent === 1)
  })
})

interface Side {
  readonly onTestFinished: AtEnd
}

/** A run of which something is meddled with when its measured phase begins; it has ended. */
async function meddledRun(
  targetPort: number,
  { words, meddle }: { words: readonly string[]; meddle: (proxy: MeddlingProxy) => void },
  { onTestFinished }: Side,
): Promise<RunningBench> {
  const proxy = await meddlingProxy(targetPort)
  onTestFinished(() => proxy.close())
  const common = ['--settle', '0s', '--timeout', '2s', '--overloaded-max', '1', '--rate', '100']
  const target = ['--target', `ws://127.0.0.1:${proxy.port}`]
  const bench = startBench([...target, ...common, ...words], { atEnd: onTestFinished })
  await bench.untilPhase('measure')
  meddle(proxy)
  await bench.untilResult()
  return bench
}

async function plainServer({ onTestFinished }: Side): Promise<number> {
  const server = await broadcasting('well')
  onTestFinished(() => server.close())
  return server.port
}

/** With rate limits that are no limits to these runs. */
async function rusherServer({ onTestFinished }: Side): Promise<number> {
  const many = 10_000
  const limits = { publishesPerSecond: many, publishesBurst: many, commandsPerSecond: many }
  const { port } = await serve({
    directory: temporaryDirectory(onTestFinished),
    config: JSON.stringify({ limits: { ...limits, commandsBurst: many } }),
    atEnd: onTestFinished,
  })
  return port
}

const chat = ['--scenario', 'chat', '--set', 'rate=2', '-n', '10', '--duration', '5s']
const broadcast = [
  ...['--scenario', 'broadcast', '--dialect', 'plain', '--set', 'rate=20'],
  ...['-n', '5', '--duration', '5s'],
]

describe.concurrent('a run against a server', () => {
  it('that freezes fails for what it did not answer and no longer held, with logs', async (side) => {
    const port = await rusherServer(side)
    const meddle = (proxy: MeddlingProxy): void => proxy.freeze()
    const { result } = await meddledRun(port, { words: chat, meddle }, side)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, peak: { ready: 10, held: 0 } })
    const { messages, history, latency, limiter } = result ?? {}
    expect(history?.checked).toBe('full')
    expect(history?.unanswered).toBeGreaterThan(30)
    expect(messages?.sent).toBe(Number(messages?.acknowledged) + Number(messages?.unanswered))
    expect(latency?.ack?.unanswered).toBe(messages?.unanswered)
    // Fifteen seconds are waited for an answer.
    expect(latency?.ack?.p50).toBeGreaterThan(15_000)
    expect(latency?.ack?.atLeast).toContain('p50')
    expect(limiter).toMatchObject({ resource: 'server not answering', side: 'server' })
  })

  it('that freezes fails, without logs: for what was not delivered', async (side) => {
    const port = await plainServer(side)
    const meddle = (proxy: MeddlingProxy): void => proxy.freeze()
    const { result } = await meddledRun(port, { words: broadcast, meddle }, side)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, peak: { ready: 5, held: 0 } })
    const { messages, history, latency } = result ?? {}
    expect(history).toMatchObject({ checked: 'counters', lost: messages?.undelivered })
    expect(5 * Number(messages?.sent)).toBe(
      Number(messages?.delivered) + Number(messages?.undelivered),
    )
    expect(latency?.completion?.atLeast).toContain('p50')
    expect(latency?.completion?.p50).toBeGreaterThan(15_000)
  })

  it('that dies fails, and reports the messages that could not be sent', async (side) => {
    const port = await plainServer(side)
    const meddle = (proxy: MeddlingProxy): void => proxy.die()
    const { result } = await meddledRun(port, { words: broadcast, meddle }, side)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, ledger: { lost: 5 } })
    const { messages, latency } = result ?? {}
    expect(messages?.unsent).toBeGreaterThan(30)
    expect(messages?.due).toBe(Number(messages?.sent) + Number(messages?.unsent))
    expect(latency?.completion?.unanswered).toBeGreaterThanOrEqual(Number(messages?.unsent))
  })

  it('that answers two seconds late loses nothing; late answers are in the percentiles', async (side) => {
    const port = await rusherServer(side)
    const meddle = (proxy: MeddlingProxy): void => proxy.delay(2_000)
    const { result } = await meddledRun(port, { words: chat, meddle }, side)
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, peak: { ready: 10, held: 10 } })
    const { messages, history, latency } = result ?? {}
    expect(history).toMatchObject({ checked: 'full', lost: 0, unanswered: 0, gaps: 0 })
    expect(messages?.sent).toBe(messages?.acknowledged)
    expect(latency?.delivery?.p50).toBeGreaterThan(2_000)
    expect(latency?.delivery?.unanswered).toBeUndefined()
  })

  it('that leaves out a part of what it says fails, with logs to compare', async (side) => {
    const port = await rusherServer(side)
    const meddle = (proxy: MeddlingProxy): void => proxy.leaveOut(10)
    const { result } = await meddledRun(port, { words: chat, meddle }, side)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, peak: { held: 10 } })
    const { history, latency } = result ?? {}
    expect(history?.checked).toBe('full')
    expect(Number(history?.unanswered) + Number(history?.gaps)).toBeGreaterThan(0)
    expect(latency?.delivery?.unanswered).toBeGreaterThan(0)
  })

  it('that freezes under idle sessions fails: none of them gives a sign of life', async (side) => {
    const port = await plainServer(side)
    const words = ['--scenario', 'hold', '--dialect', 'plain', '-n', '5', '--duration', '1s']
    const meddle = (proxy: MeddlingProxy): void => proxy.freeze()
    const { result } = await meddledRun(port, { words, meddle }, side)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 10, peak: { ready: 5, held: 0 } })
  })
})
