import { once } from 'node:events'
import net from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { until } from '../parts/until.ts'
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
