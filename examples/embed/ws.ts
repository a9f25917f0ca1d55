import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'rusher/server'
import { WebSocketServer } from 'ws'

const httpServer = createHttpServer((request, response) => {
  if (!rusher.handleRequest(request, response)) response.writeHead(404).end('no such page\n')
})
const rusher = await createServer({ httpServer, storage: 'sqlite:./data/embed.db' })

/** Your own WebSockets stay at their path, on the same server. */
new WebSocketServer({ server: httpServer, path: '/echo' }).on('connection', (socket) => {
  socket.on('message', (message) => socket.send(String(message)))
})

httpServer.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log('listening', httpServer.address())
})
