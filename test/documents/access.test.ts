import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { metricsOf } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { type Family, families, type Opened, openDocument } from './parts/providers.ts'
import { connectDocument } from './parts/raw-document.ts'

/** `readers` may read and the others write; nobody but ada may see what is `secret`. */
const permit = `(identity, channel, act) =>
  channel !== 'doc:secret' ? act === 'read' || !identity.user.id.startsWith('reader') : identity.user.id === 'ada'`
const config = `{ auth: { secret: '${secret}' }, permit: ${permit} }`

describe.each(shapes)('access, $shape', ({ edges }) => {
  test.each(families)(
    'a reader through %s gets everything, and what it writes reaches nobody',
    async (family) => {
      const { url } = await serve({ directory: temporaryDirectory(), edges, config })
      const ada = await openDocument('Hocuspocus 4', url, 'notes', { token: await signToken() })
      ada.text.insert(0, 'from ada')
      await until('it is saved', () => ada.saved === true)
      const reader = await openDocument(family, url, 'notes', {
        token: await signToken({ user: 'reader' }),
      })
      await until('the reader has it', () => reader.text.toString() === 'from ada')
      reader.text.insert(0, 'not allowed: ')
      ada.text.insert(8, ', again')
      await until('the reader goes on reading', () => reader.text.toString().includes(', again'))
      expect(ada.text.toString()).toBe('from ada, again')
      if (family.startsWith('y-websocket')) return
      expect(reader.scopes).toEqual(family === 'Hocuspocus 4' ? ['readonly'] : reader.scopes)
      expect(reader.saved).toBe(false)
      await until('it is told', () => reader.statelesses.some((text) => text.includes('READ_ONLY')))
    },
  )
})

/** The codes that a Hocuspocus client was told, since PermissionDenied has none. */
function codesTold({ statelesses }: Opened): readonly string[] {
  return statelesses.map((text) => JSON.parse(text).code)
}

describe('tokens', () => {
  test('a bad token stops y-websocket 3.1 for good, and a Hocuspocus provider on the open connection', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), config })
    const plain = await openDocument('y-websocket 3.1', url, 'notes', {
      token: 'bad',
      impatient: true,
    })
    await until('it stays away', () => plain.stopped)
    expect(plain.codes).toEqual([4401])
    const provider = await openDocument('Hocuspocus 4', url, 'notes', {
      token: 'bad',
      impatient: true,
    })
    await until('it is refused', () => provider.refusals.length > 0)
    await pause(300)
    expect(provider.refusals).toEqual(['permission-denied'])
    expect(provider.codes).toEqual([])
    expect(codesTold(provider)).toEqual(['TOKEN_REFUSED'])
  })

  test('what one may not read is refused by name, on every family, and nothing of it is sent', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), config })
    const ada = await openDocument('Hocuspocus 4', url, 'secret', { token: await signToken() })
    ada.text.insert(0, 'the secret')
    await until('it is saved', () => ada.saved === true)
    const token = await signToken({ user: 'eve' })
    const plain = await openDocument('y-websocket 3.1', url, 'secret', { token, impatient: true })
    await until('it stays away', () => plain.stopped)
    expect(plain.codes).toEqual([4403])
    const provider = await openDocument('Hocuspocus 3', url, 'secret', { token, impatient: true })
    await until('it is refused', () => provider.refusals.length > 0)
    expect(codesTold(provider)).toEqual(['DENIED'])
    for (const { doc } of [plain, provider]) expect(doc.store.clients.size).toBe(0)
  })

  test('bad-then-good-token-same-socket: a document that was refused opens with another token', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), config })
    const raw = await connectDocument(url, '')
    raw.send('d', 2, 0, 'bad', '4.8.0')
    await raw.find('01640201')
    raw.send('d', 2, 0, await textOf(await signToken()), '4.8.0')
    await raw.find('01640202')
    raw.send('d', 0, 0, 1, 0)
    await raw.find('0164000102')
    expect(raw.close).toBeUndefined()
  })

  test('expired-token-no-loop: a token is asked for before it ends, and one that is not renewed ends the access', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), config })
    const tokens = [await signToken({ endsIn: 3 }), await signToken({ endsIn: 600 })]
    let asked = 0
    const renewed = await openDocument('Hocuspocus 4', url, 'notes', {
      token: () => tokens[Math.min(asked++, 1)] ?? '',
    })
    const short = await signToken({ user: 'short', endsIn: 1 })
    const lapsed = await openDocument('Hocuspocus 4', url, 'notes', { token: short })
    const plain = await openDocument('y-websocket 3.1', url, 'notes', { token: short })
    await until('a new token was asked for', () => asked >= 2)
    await until('the access of the others ended', () => lapsed.refusals.length > 0 && plain.stopped)
    expect(plain.codes.filter((code) => code !== 4401)).toEqual([])
    expect(codesTold(lapsed)).toEqual(['TOKEN_EXPIRED'])
    renewed.text.insert(0, 'still here')
    await until('it is saved', () => renewed.saved === true)
    expect(renewed.refusals).toEqual([])
  })

  test('revoked-user-stops-editing: rights that end are noticed at once when asked to look, and by themselves', async () => {
    const may = { read: true, write: true }
    const server = await startServer({ permit: (_identity, _channel, act) => may[act] })
    const clients = await Promise.all(
      (['Hocuspocus 4', 'y-websocket 3.1'] satisfies Family[]).map((family) =>
        openDocument(family, server.url, 'notes', { user: 'ann' }),
      ),
    )
    const [provider, plain] = clients
    may.write = false
    server.recheck()
    await until('it is told that it may only read', () => provider?.scopes.at(-1) === 'readonly')
    plain?.text.insert(0, 'too late')
    await pause(200)
    expect(provider?.text.toString()).toBe('')
    may.read = false
    server.recheck()
    await until(
      'both are sent away',
      () => provider?.refusals.length === 1 && plain?.stopped === true,
    )
    expect(plain?.codes).toEqual([4403])
    expect(provider === undefined ? [] : codesTold(provider)).toEqual(['DENIED'])
  })

  test('doc-close-keeps-siblings: leaving one document leaves the others on the connection alone', async () => {
    const { url } = await startServer()
    const raw = await connectDocument(url, '')
    for (const name of ['a', 'b']) {
      raw.send(name, 2, 0, '', '4.8.0')
      raw.send(name, 0, 0, 1, 0)
      await raw.find(`01${Buffer.from(name).toString('hex')}0001`)
    }
    raw.send('a', 7)
    raw.send('b', 3)
    // Client 9 inserts x into the text t.
    raw.send('b', 0, 2, update(9))
    await raw.find('01620801')
    expect(raw.close).toBeUndefined()
  })
})

describe('a document refuses', () => {
  test('names that are none, each family in its way', async () => {
    const { url } = await startServer()
    const plain = await connectDocument(url, '/%20')
    plain.send(0, 0, 1, 0)
    expect((await plain.closed()).code).toBe(4404)
    const addressed = await connectDocument(url, '')
    addressed.send(' ', 2, 0, '')
    await addressed.find('01200201')
    expect(addressed.close).toBeUndefined()
  })

  test('garbage-and-bare-pong-tolerated: a bare pong and unknown messages change nothing, garbage ends its connection only', async () => {
    const { url } = await startServer()
    const raw = await connectDocument(url, '')
    raw.send('d', 2, 0, '', '4.8.0')
    raw.send(0x0a)
    raw.send(0x09)
    raw.send('d', 99, 1, 2, 3)
    raw.send('d', 5, 'hello')
    raw.send('d', 0, 0, 1, 0)
    await raw.find('0164000102')
    const bad = await connectDocument(url, '/d')
    bad.send(0, 0, 1, 0)
    bad.send(0, 2, 200, 1)
    expect((await bad.closed()).code).toBe(4400)
    const text = await connectDocument(url, '/d')
    text.socket.send('hello')
    expect((await text.closed()).code).toBe(4400)
    expect(raw.close).toBeUndefined()
  })

  test('preauth-flood-bounded: a stranger cannot make the server keep what it sends', async () => {
    const server = await startServer({
      auth: { identify: () => new Promise(() => undefined) },
    })
    const raw = await connectDocument(server.url, '')
    raw.send('d', 2, 0, 'token')
    for (let index = 0; index < 100; index += 1)
      raw.send('d', 0, 2, new Uint8Array([200, 78, ...new Uint8Array(10_056)]))
    expect((await raw.closed()).code).toBe(1013)
  })

  test('an update in Yjs format 2, and one that is damaged, and says so to whoever sent it', async () => {
    const { url } = await startServer()
    const raw = await connectDocument(url, '')
    raw.send('d', 2, 0, '', '4.8.0')
    raw.send('d', 0, 0, 1, 0)
    await raw.find('0164000102')
    raw.send(
      'd',
      0,
      2,
      bytes(Buffer.from('00010000000001000100010200001602000001fdffffffff7f0000', 'hex')),
    )
    await raw.find('01640800')
    const stateless = await raw.find('016405')
    expect(Buffer.from(stateless, 'hex').toString()).toContain('BAD_UPDATE')
    raw.send('d', 0, 2, update(9))
    await raw.find('01640801')
    const plain = await connectDocument(url, '/d')
    plain.send(0, 0, 1, 0)
    await plain.find('0001')
    plain.send(0, 2, 3, 9, 9, 9)
    expect((await plain.closed()).code).toBe(4409)
    expect(await metricsOf(url)).toContain(
      'rusher_document_updates_refused_total{fault="BAD_UPDATE"} 2',
    )
  })

  test('a gap asks the client for everything, and what it then sends is acknowledged as often as it counts', async () => {
    const { url } = await startServer()
    const raw = await connectDocument(url, '')
    raw.send('d', 2, 0, '', '4.8.0')
    raw.send('d', 0, 0, 1, 0)
    await raw.find('0164000102')
    const before = raw.frames.filter((frame) => frame.startsWith('01640000')).length
    // Clock 1 and 2 of client 9, of which clock 0 never came.
    raw.send('d', 0, 2, bytes([1, 1, 9, 1, 0x84, 9, 0, 1, 0x79, 0]))
    raw.send('d', 0, 2, bytes([1, 1, 9, 2, 0x84, 9, 1, 1, 0x7a, 0]))
    await until(
      'it is asked for everything',
      () => raw.frames.filter((frame) => frame.startsWith('01640000')).length === before + 1,
    )
    raw.send('d', 0, 1, bytes([1, 1, 9, 0, 4, 1, 1, 0x74, 3, 0x78, 0x79, 0x7a, 0]))
    await until(
      'both are acknowledged',
      () => raw.frames.filter((frame) => frame === '01640801').length === 2,
    )
  })
})

/** A text behind its length, where that takes two bytes. */
async function textOf(text: string): Promise<Uint8Array> {
  const content = Buffer.from(text)
  return Buffer.concat([Uint8Array.of((content.length & 127) | 128, content.length >> 7), content])
}

function bytes(content: Uint8Array | readonly number[]): Uint8Array {
  return Uint8Array.from([content.length, ...content])
}

/** Inserts x into the text t. */
function update(client: number): Uint8Array {
  return bytes([1, 1, client, 0, 4, 1, 1, 0x74, 1, 0x78, 0])
}
