import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { openWire, upgradeRequest } from '../parts/http.ts'
import { openRaw } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

/** Admits by a cookie, a header or a parameter of the request; says where it came from. */
const config = `{
  logLevel: 'debug',
  auth: {
    async identify(credentials, request) {
      if (request === undefined) {
        return credentials.token === 'renewed' ? { user: { id: 'ada' } } : undefined
      }
      const { address, cookies, headers, path, query } = request
      const known = new Map([['c00kie-secret', 'ada'], ['key-secret', 'bot'], ['ticket-secret', 'guest']])
      const id = known.get(cookies.sid) ?? known.get(headers['x-api-key']) ?? known.get(query.get('ticket'))
      if (cookies.sid === 'broken-secret') throw new Error('the session store is away')
      if (id === undefined) return { refused: 'no session' }
      return { user: { id, name: address + ' ' + path }, claims: { request } }
    },
  },
  permit: (identity) => identity.user.id !== 'bot',
}`

describe.each(shapes)('an auth that reads the request, $shape', ({ edges }) => {
  const server = shared((atEnd) =>
    serve({ directory: temporaryDirectory(atEnd), storage: 'memory:', edges, config, atEnd }),
  )

  test.each([
    ['a cookie', { Cookie: 'theme=dark; sid=c00kie-secret' }, 'ada'],
    ['a header', { 'X-Api-Key': 'key-secret' }, 'bot'],
  ])('%s of the upgrade says who connects', async (_what, headers, id) => {
    const client = await openRaw(server().url, headers)
    const reply = await client.ask({ type: 'connect', version: 1 })
    expect(reply.ok).toMatchObject({ user: { id, name: '127.0.0.1 /rusher' } })
  })

  test('a parameter of the URL says who connects, also with a first frame in the upgrade', async () => {
    const { port } = server()
    const frame = encodeURIComponent('{"type":"connect","ref":1,"version":1}')
    const early = { 'Sec-WebSocket-Protocol': `rusher, rusher.early.${frame}` }
    const wire = openWire(port)
    wire.socket.write(upgradeRequest(port, early, '/rusher?ticket=ticket-secret'))
    await until('it is admitted', () => wire.text().includes('"id":"guest"'))
  })

  test('a request that says nothing is refused, and one that cannot be checked may come again', async () => {
    const client = await openRaw(server().url)
    const reply = await client.ask({ type: 'connect', version: 1 })
    expect(reply.error).toMatchObject({ code: 'TOKEN_REFUSED' })
    expect((await client.closed).code).toBe(4401)
    const unlucky = await openRaw(server().url, { Cookie: 'sid=broken-secret' })
    expect((await unlucky.ask({ type: 'connect', version: 1 })).error).toMatchObject({
      code: 'INTERNAL',
    })
  })

  test('a live session renews by a token alone', async () => {
    const client = await openRaw(server().url, { Cookie: 'sid=c00kie-secret' })
    await client.ask({ type: 'connect', version: 1 })
    expect(await client.ask({ type: 'renew', token: 'renewed' })).toHaveProperty('ok')
    expect((await client.ask({ type: 'renew', token: 'other' })).error).toMatchObject({
      code: 'TOKEN_REFUSED',
    })
  })

  test('each document of one connection is opened by the cookie of its upgrade', async () => {
    const url = `${server().url.replace('http', 'ws')}/docs`
    const frames: string[] = []
    const socket = new WebSocket(url, { headers: { Cookie: 'sid=c00kie-secret' } })
    onTestFinished(() => socket.terminate())
    socket.on('message', (bytes: Buffer) => void frames.push(bytes.toString('latin1')))
    await once(socket, 'open')
    for (const name of ['first', 'second']) {
      // Hocuspocus: the name, message type 2 (auth), 0 (token), and an empty token.
      socket.send(
        Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.of(2, 0, 0)]),
      )
      await until('it is open', () =>
        frames.some((frame) => frame.includes(name) && frame.includes('read-write')),
      )
    }
    const refused = new WebSocket(`${url}/notes`, { headers: { Cookie: 'sid=wrong' } })
    onTestFinished(() => refused.terminate())
    await once(refused, 'open')
    refused.send(Buffer.of(0, 0, 1, 0))
    const [code] = (await once(refused, 'close')) as [number]
    expect(code).toBe(4401)
  })

  test('a request of the documents API is authenticated by its cookie and its query', async () => {
    const { url } = server()
    const ask = (headers: Record<string, string>, path = '/docs/notes/text') =>
      fetch(url + path, { method: 'PUT', body: 'x', headers })
    expect((await ask({ Cookie: 'sid=c00kie-secret' })).status).toBe(200)
    expect((await ask({}, '/docs/notes/text?ticket=ticket-secret')).status).toBe(200)
    expect((await ask({ 'X-Api-Key': 'key-secret' })).status).toBe(403)
    expect((await ask({})).status).toBe(401)
    expect((await fetch(`${url}/docs`, { headers: { Cookie: 'sid=c00kie-secret' } })).status).toBe(
      200,
    )
    expect((await fetch(`${url}/docs`)).status).toBe(401)
  })

  test('a page of another site gains nothing by the cookie that its browser sends', async () => {
    const { url, port } = server()
    const cookie = { Cookie: 'sid=c00kie-secret' }
    await expect(openRaw(url, { ...cookie, Origin: 'https://evil.example' })).rejects.toThrow('403')
    for (const page of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const wire = openWire(port)
      const lines = Object.entries({ ...cookie, ...page }).map(
        ([name, value]) => `${name}: ${value}`,
      )
      wire.socket.write(
        `PUT /docs/csrf/text HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`,
      )
      await until('it is answered', () => wire.text().startsWith('HTTP/1.1 403'))
    }
  })

  test('nothing of these requests is in the log', () => {
    expect(server().errors()).toContain('token refused')
    expect(server().errors()).not.toContain('-secret')
  })
})
