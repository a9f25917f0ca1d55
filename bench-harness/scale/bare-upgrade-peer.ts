import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answerParent, type Fields, numberOf } from '../quick/peer-port.ts'

/* Plain `http` and `ws` that upgrade whoever comes and answer nothing: the least that a connection costs. Several share a port. */

const server = createServer()
const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
})

server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => {
    // Clients leave by RST.
    ws.on('error', () => ws.terminate())
  })
})

function listen(fields: Fields): Promise<{ port: number }> {
  const address = { port: numberOf(fields, 'port'), host: '127.0.0.1' }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...address, backlog: 65_535, reusePort: true }, () =>
      resolve({ port: (server.address() as AddressInfo).port }),
    )
  })
}

answerParent({ listen })
