import { createServer as createHttpServer } from 'node:http'
import next from 'next'
import { createServer } from 'rusher/server'

const httpServer = createHttpServer()
const app = next({ dev: process.env.NODE_ENV !== 'production', httpServer })
await app.prepare()
const answer = app.getRequestHandler()
const rusher = await createServer({ httpServer, storage: 'sqlite:./data/embed.db' })

httpServer.on('request', (request, response) => {
  if (!rusher.handleRequest(request, response)) void answer(request, response)
})
httpServer.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log('listening', httpServer.address())
})
