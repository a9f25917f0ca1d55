import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import { createServer } from 'rusher/server'

const fastify = Fastify()
const rusher = await createServer({
  httpServer: fastify.server,
  storage: 'sqlite:./data/embed.db',
})

fastify.addHook('onRequest', async (request, reply) => {
  if (rusher.handleRequest(request.raw, reply.raw)) reply.hijack()
})
fastify.addHook('onClose', async () => {
  await rusher.close()
})
await fastify.register(websocket)
fastify.get('/echo', { websocket: true }, (socket) => {
  socket.on('message', (message) => socket.send(String(message)))
})
fastify.post<{ Body: { readonly text: string } }>('/announce', async ({ body }) =>
  rusher.publish('chat:lobby', { kind: 'say', text: body.text }),
)

await fastify.listen({ port: Number(process.env['PORT'] ?? 8080), host: '127.0.0.1' })
console.log('listening', fastify.server.address())
