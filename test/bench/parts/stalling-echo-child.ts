import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/* Echoes, and blocks its own event loop for a while, again and again. */

const [stallMs = '1000', everyMs = '10000'] = process.argv.slice(2)
const counts = { accepted: 0, upgraded: 0, refused: 0, heard: 0, sent: 0 }
const server: WebSocketServer = new WebSocketServer(
  { port: 0, host: '127.0.0.1', perMessageDeflate: false },
  () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`),
)
server.on('connection', (ws) => {
  counts.accepted += 1
  counts.upgraded += 1
  ws.on('error', () => ws.terminate())
  ws.on('message', (bytes) => {
    counts.heard += 1
    counts.sent += 1
    ws.send(String(bytes))
  })
})
const nothing = new Int32Array(new SharedArrayBuffer(4))
setInterval(() => Atomics.wait(nothing, 0, 0, Number(stallMs)), Number(everyMs))
setInterval(() => process.stdout.write(`${JSON.stringify(counts)}\n`), 100)
process.stdin.resume().on('end', () => process.exit())
