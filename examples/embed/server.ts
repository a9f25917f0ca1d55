import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'rusher/server'

/** A web server that exists already, and answers as it always did. */
const http = createHttpServer((request, response) => {
  if (rusher.handleRequest(request, response)) return
  if (request.method === 'POST' && request.url === '/announce') {
    void announce().then((told) => response.end(`${told}\n`))
    return
  }
  response.end('POST /announce tells everybody in chat:lobby\n')
})

/** Rusher takes the upgrades at /rusher and /docs, and the requests that it is handed above. */
const rusher = await createServer({ httpServer: http, storage: 'sqlite:./data/embed.db' })

async function announce(): Promise<string> {
  try {
    const { position } = await rusher.publish(
      'chat:lobby',
      { kind: 'say', text: `It is ${new Date().toISOString()}` },
      { user: { id: 'server', name: 'Announcements' } },
    )
    return `event ${position?.offset}`
  } catch (error) {
    return `refused: ${String(error)}`
  }
}

http.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log('listening', http.address())
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    http.close()
    void rusher.close().then(({ unsaved }) => {
      http.closeAllConnections()
      process.exitCode = unsaved === 0 ? 0 : 1
    })
  })
}
