import { createServer as createHttpServer } from 'node:http'
import express from 'express'
import { createServer } from 'rusher/server'

const app = express()
const httpServer = createHttpServer(app)
const rusher = await createServer({ httpServer, storage: 'sqlite:./data/embed.db' })

// Before body parsers: Rusher reads the bodies of its own requests.
app.use((request, response, next) => {
  if (!rusher.handleRequest(request, response)) next()
})
app.use(express.json())
app.post('/announce', async (request, response) => {
  response.json(await rusher.publish('chat:lobby', { kind: 'say', text: request.body.text }))
})

httpServer.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log('listening', httpServer.address())
})
