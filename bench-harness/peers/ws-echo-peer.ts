import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { tellListening } from './listening.ts'

/*
 * Plain `ws` as most people use it. A text is echoed; what is said at /fanout goes to all who are there, the sender included: stringify once, then
 * `ws.send` to each.
 */

const members = new Set<WebSocket>()
const options = {
  port: 0,
  host: '127.0.0.1',
  backlog: 65_535,
  clientTracking: false,
  perMessageDeflate: false,
}
const server: WebSocketServer = new WebSocketServer(options, () =>
  tellListening((server.address() as AddressInfo).port),
)

server.on('connection', (ws, { url }) => {
  // A client that breaks off is none of this program's business.
  ws.on('error', () => ws.terminate())
  if (url !== '/fanout') {
    ws.on('message', (bytes, binary) => ws.send(bytes, { binary }))
    return
  }
  members.add(ws)
  ws.on('close', () => members.delete(ws))
  ws.on('message', (bytes, binary) => {
    for (const member of members) member.send(bytes, { binary })
  })
})
