import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AtEnd } from '../../parts/serve.ts'
import { signToken } from '../../parts/tokens.ts'

/** Lifetime of a token, in seconds. */
export const tokenSeconds = 5

const page = '<!doctype html><title>A client</title><script type="module" src="/page.js"></script>'

/** Serves a page with a script, and short-lived tokens. It runs on when the Rusher server is down. */
export async function servePage(script: string, atEnd: AtEnd): Promise<{ readonly url: string }> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const send = (type: string, body: string) =>
      response.writeHead(200, { 'Content-Type': type }).end(body)
    if (pathname === '/page.js') return send('text/javascript', script)
    if (pathname !== '/token') return send('text/html', page)
    const user = searchParams.get('user') ?? ''
    return send('text/plain', await signToken({ user, endsIn: tokenSeconds }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
