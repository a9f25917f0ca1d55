import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from './peer-port.ts'

/* The plain way to send everybody everything: stringify once, then `ws.send` to each, for each message. */

interface Turn {
  readonly type: string
  readonly turn: number
  readonly perTurn: number
  readonly text: string
}

const members = new Set<WebSocket>()
let offset = 0

function sendTurn({ perTurn, text }: Turn): void {
  for (let no = 0; no < perTurn; no += 1) {
    offset += 1
    const message = JSON.stringify({
      type: 'event',
      channel: 'chat:a',
      offset,
      at: Date.now(),
      user: { id: 'publisher' },
      id: `m${process.pid}-${offset}`,
      body: { kind: 'say', text },
    })
    for (const member of members) member.send(message)
  }
}

function take(ws: WebSocket, bytes: Buffer): void {
  const asked = JSON.parse(bytes.toString()) as Turn
  if (asked.type === 'turn') return sendTurn(asked)
  // Who joins no channel has come to ask for turns.
  if (asked.type === 'join' && !bytes.includes('"channels":[]')) members.add(ws)
  ws.send('{"type":"reply"}')
}

function listen(): Promise<{ port: number }> {
  return new Promise((resolve) => {
    const options = { port: 0, host: '127.0.0.1', perMessageDeflate: false }
    const server: WebSocketServer = new WebSocketServer(options, () =>
      resolve({ port: (server.address() as AddressInfo).port }),
    )
    server.on('connection', (ws) => {
      ws.on('message', (bytes) => take(ws, bytes as Buffer))
      ws.on('close', () => members.delete(ws))
    })
  })
}

answerParent({ listen })
