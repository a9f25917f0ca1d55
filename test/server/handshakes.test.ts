import { describe, expect, test } from 'vitest'
import { openWire, statusIn, upgradeRequest, upgradeStatus } from '../parts/http.ts'
import { connectRaw, openRaw } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

describe.each(shapes)('handshakes, $shape', ({ edges }) => {
  const start = (config = '{}') => serve({ directory: temporaryDirectory(), edges, config })

  test('silence, a header that does not end, and a session that does not connect end in time', async () => {
    const { port, url } = await start('{ limits: { connectMs: 1500, httpHeadersMs: 5000 } }')
    const beganMs = performance.now()
    const took = () => performance.now() - beganMs

    const silent = openWire(port)
    const slow = openWire(port)
    slow.socket.write('GET /rusher HTTP/1.1\r\nHost: x\r\n')
    const dribble = setInterval(() => slow.socket.write('X-More: 1\r\n'), 200)
    const mute = await openRaw(url)
    const chatty = await openRaw(url)
    const pinging = setInterval(() => chatty.socket.ping(), 100)

    expect(await mute.closed).toMatchObject({ code: 4408 })
    expect(await chatty.closed).toMatchObject({ code: 4408 })
    expect(took()).toBeLessThan(3_000)
    await Promise.all([silent.ended, slow.ended])
    clearInterval(dribble)
    clearInterval(pinging)
    expect(took()).toBeLessThan(8_000)
    expect(silent.text()).toBe('')
    expect(statusIn(slow.text())).toBe(408)
  })

  test('a header above 32 KB is answered 431', async () => {
    const { port } = await start()
    expect(await upgradeStatus(port, { 'X-Bomb': 'x'.repeat(33_000) })).toBe(431)
    expect(await upgradeStatus(port, { 'X-Fine': 'x'.repeat(4_000) })).toBe(101)
  })

  test('a page of another origin is refused, the server’s own and a listed one are not', async () => {
    const { port } = await start("{ origins: ['https://app.example'] }")
    const statusFor = (Origin: string) => upgradeStatus(port, { Origin })
    expect(await upgradeStatus(port)).toBe(101)
    expect(await statusFor(`http://127.0.0.1:${port}`)).toBe(101)
    expect(await statusFor('https://app.example')).toBe(101)
    for (const foreign of [
      'https://evil.example',
      `http://evil-127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      `http://127.0.0.1:${port}@evil.example`,
      `http://127.0.0.1:${port + 1}`,
      'https://app.example.evil.example',
      'https://evil-app.example',
      'http://app.example',
      'null',
      '',
      'x',
    ]) {
      expect([foreign, await statusFor(foreign)]).toEqual([foreign, 403])
    }
  })

  test('a path that nothing answers is 404, and an upgrade that is none is 400', async () => {
    const { port } = await start()
    expect(await upgradeStatus(port, {}, '/other')).toBe(404)
    expect(await upgradeStatus(port, {}, '/rusher/')).toBe(404)
    expect(await upgradeStatus(port, {}, '/rusher?a=b')).toBe(101)
    expect(await upgradeStatus(port, { 'Sec-WebSocket-Key': 'short' })).toBe(400)
  })

  test('an offered subprotocol is not echoed: it may be a token', async () => {
    const { port } = await start()
    const wire = openWire(port)
    wire.socket.write(upgradeRequest(port, { 'Sec-WebSocket-Protocol': 'rusher.bearer.secret' }))
    await until('it is answered', () => wire.text().includes('\r\n\r\n'))
    expect(statusIn(wire.text())).toBe(101)
    expect(wire.text()).not.toContain('secret')
  })

  test('a first command that is not connect closes 4405, a second connect is refused', async () => {
    const { url } = await start()
    const rude = await openRaw(url)
    rude.send('{"type":"ping","ref":1}')
    expect(await rude.closed).toMatchObject({ code: 4405 })

    const client = await connectRaw(url)
    const { error } = await client.ask({ type: 'connect', version: 1 })
    expect(error).toMatchObject({ code: 'BAD_COMMAND' })
    expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
  })

  test('what stands behind connect in its frame is done in order, once it is granted', async () => {
    const { url } = await start()
    const client = await openRaw(url)
    const connect = { type: 'connect', ref: 1, version: 1, user: { id: 'ada' } }
    const join = { type: 'join', ref: 2, channels: [{ channel: 'chat:a' }, { channel: 'chat:b' }] }
    const say = { kind: 'say', text: 'here' }
    const publish = { type: 'publish', ref: 3, channel: 'chat:a', id: 'm1', body: say }
    client.send(JSON.stringify([connect, join, publish, { ...connect, ref: 4 }]))
    await until('all is answered', () => client.messages.length >= 5)
    expect(client.messages[0]).toMatchObject({ ref: 1, ok: { user: { id: 'ada' } } })
    const replies = client.messages.filter(({ type }) => type === 'reply').slice(1)
    expect(replies).toMatchObject([
      { ref: 4, error: { code: 'BAD_COMMAND' } },
      { ref: 2, ok: { channels: [{ channel: 'chat:a' }, { channel: 'chat:b' }] } },
      { ref: 3, ok: { position: { offset: 1 } } },
    ])
    expect(client.events('chat:a')).toMatchObject([{ id: 'm1', offset: 1 }])
  })

  test('what stands behind a connect that is refused is not done', async () => {
    const { url } = await start(`{ auth: { secret: '${'s'.repeat(48)}' } }`)
    const client = await openRaw(url)
    const publish = { type: 'publish', ref: 2, channel: 'chat:a', id: 'm1', body: { kind: 'say' } }
    client.send(JSON.stringify([{ type: 'connect', ref: 1, version: 1, token: 'x' }, publish]))
    expect(await client.closed).toMatchObject({ code: 4401 })
    expect(client.messages).toHaveLength(1)
    expect(client.messages[0]).toMatchObject({ ref: 1, error: { code: 'TOKEN_REFUSED' } })
  })

  test('a second frame before the reply of connect closes 4405', async () => {
    const auth = '{ identify: () => new Promise(() => undefined) }'
    const { url } = await start(`{ auth: ${auth} }`)
    const client = await openRaw(url)
    client.send('{"type":"connect","ref":1,"version":1}')
    client.send('{"type":"ping","ref":2}')
    expect(await client.closed).toMatchObject({ code: 4405 })
  })

  test('a version that is not spoken closes 4426, a large frame before connect 1009', async () => {
    const { url } = await start()
    const future = await openRaw(url)
    future.send('{"type":"connect","ref":1,"version":2}')
    expect(await future.closed).toMatchObject({ code: 4426 })
    const large = await openRaw(url)
    large.send(`{"type":"connect","ref":1,"version":1,"token":"${'x'.repeat(8_190)}"}`)
    expect(await large.closed).toMatchObject({ code: 1009 })
  })

  test('a server that is full answers 503 with Retry-After', async () => {
    const { port, url } = await start('{ limits: { sessionsMax: 1 } }')
    // Each edge has as many places: all of them are taken, wherever the kernel sends a connection.
    const held = []
    let status = 101
    await until('all places are taken', async () => {
      const wire = openWire(port)
      held.push(wire)
      wire.socket.write(upgradeRequest(port))
      // One that waits at an edge which closes its full door is reset, and tries again as a client does.
      const isAnswered = (): boolean => wire.text().includes('\r\n\r\n')
      await until('it is answered or reset', () => isAnswered() || wire.socket.destroyed)
      if (!isAnswered()) return false
      status = statusIn(wire.text())
      if (status === 503) expect(wire.text()).toMatch(/Retry-After: [1-5]\r\n/)
      return status === 503
    })
    expect(url).toContain(String(port))
  })

  test('resets at every step of a handshake leave the server as it was', async () => {
    const { port, url } = await start()
    const good = await connectRaw(url)
    const request = upgradeRequest(port)
    for (let length = 0; length <= request.length; length += 7) {
      const wire = openWire(port)
      await new Promise((resolve) => wire.socket.once('connect', resolve))
      wire.socket.write(request.slice(0, length))
      wire.socket.resetAndDestroy()
    }
    expect(await good.ask({ type: 'ping' })).toHaveProperty('ok')
    expect(await upgradeStatus(port)).toBe(101)
  })
})
