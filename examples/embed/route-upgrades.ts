import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'rusher/server'
import { WebSocketServer } from 'ws'

/** Neither listens nor attaches to a server: everything is passed to it. */
const rusher = await createServer({ listen: false, storage: 'sqlite:./data/embed.db' })
const echo = new WebSocketServer({ noServer: true })

const httpServer = createHttpServer((request, response) => {
  if (!rusher.handleRequest(request, response)) response.writeHead(404).end('no such page\n')
})
httpServer.on('upgrade', (request, socket, head) => {
  if (rusher.handleUpgrade(request, socket, head)) return
  if (request.url !== '/echo') {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    return
  }
  echo.handleUpgrade(request, socket, head, (client) => {
    client.on('message', (message) => client.send(String(message)))
  })
})

httpServer.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log('listening', httpServer.address())
})
