import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answerParent } from './peer-port.ts'

/* A plain ws server that answers every text and holds nothing: what a connection costs before anybody does anything with it. */

const server = createServer()
const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
})

server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => {
    ws.on('message', () => ws.send('{"type":"reply"}'))
  })
})

answerParent({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 65_535 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      )
    }),
})
