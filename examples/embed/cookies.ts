import { createServer as createHttpServer } from 'node:http'
import { type Auth, createServer } from 'rusher/server'

/** Sessions of your site: the value of the cookie `sid`, and whose it is. */
const sessions = new Map([['5f0c', { id: 'ann', name: 'Ann' }]])

/** Who has the cookie of a session is its user. */
const auth: Auth = {
  identify(_credentials, request) {
    const user = sessions.get(request?.cookies['sid'] ?? '')
    return user === undefined ? { refused: 'no session' } : { user }
  },
}

const httpServer = createHttpServer((request, response) => {
  if (!rusher.handleRequest(request, response)) response.writeHead(404).end('no such page\n')
})
const rusher = await createServer({ httpServer, auth, storage: 'sqlite:./data/embed.db' })

httpServer.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log('listening', httpServer.address())
})
