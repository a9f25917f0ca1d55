import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { StatelessMessage } from '../../src/server/index.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'
import { connectDocument } from './parts/raw-document.ts'

const families = ['Hocuspocus 4', 'Hocuspocus 3'] as const

describe.each(shapes)('stateless messages, $shape', ({ edges }) => {
  test.each(families)(
    'go from a client to the hook, and from the server to all, one user or one connection: %s',
    async (family) => {
      const got: StatelessMessage[] = []
      const server = await startServer(
        { documents: { onStateless: (message) => got.push(message) } },
        edges,
      )
      const { url, documents } = server
      const [ann, ann2, ben, other, plain] = await Promise.all([
        openDocument(family, url, 'notes', { user: 'ann' }),
        openDocument(family, url, 'notes', { user: 'ann' }),
        openDocument('Hocuspocus 4', url, 'notes', { user: 'ben' }),
        openDocument(family, url, 'other', { user: 'ann' }),
        openDocument('y-websocket 3.1', url, 'notes', { user: 'ann' }),
      ])
      ann.sendStateless('{"hello":"ä"}')
      await until('the hook has it', () => got.length === 1)
      expect(got[0]).toMatchObject({
        document: 'notes',
        text: '{"hello":"ä"}',
        user: { id: 'ann', name: 'ann' },
      })
      documents.sendStateless('notes', 'to one', { connection: got[0]?.connection ?? '' })
      documents.sendStateless('notes', 'to ann', { user: 'ann' })
      documents.sendStateless('notes', 'to all')
      const has = (text: string) => () =>
        [ann, ann2, ben].every(({ statelesses }) => statelesses.includes(text))
      await until('all have the last', has('to all'))
      expect(ann.statelesses).toEqual(['to one', 'to ann', 'to all'])
      expect(ann2.statelesses).toEqual(['to ann', 'to all'])
      expect(ben.statelesses).toEqual(['to all'])
      expect(other.statelesses).toEqual([])
      expect(plain.codes).toEqual([])
      expect(() => documents.sendStateless('notes', 'x'.repeat(65_537))).toThrow(/65536 bytes/)
      expect(() => documents.sendStateless('', 'x')).toThrow(/not a document name/)
    },
    40_000,
  )

  test('of a reader or beyond the limits are refused, and their sender is notified', async () => {
    const permit = `(identity, channel, act) => act === 'read' || identity.user.id === 'ada'`
    // What the hook throws ends nothing, and its answer comes from a configuration file.
    const hook = `({ document, text, connection }, documents) => {
      if (text === 'throw') throw new Error('the hook failed')
      documents.sendStateless(document, 'got ' + text.length, { connection })
    }`
    const config = `{ auth: { secret: '${secret}' }, permit: ${permit}, documents: { onStateless: ${hook} } }`
    const server = await serve({ directory: temporaryDirectory(), edges, config })
    const { url } = server
    const ada = await openDocument('Hocuspocus 4', url, 'notes', { token: await signToken() })
    const eve = await openDocument('Hocuspocus 4', url, 'notes', {
      token: await signToken({ user: 'eve' }),
    })
    eve.sendStateless('hello')
    await until('a reader is told', () => eve.statelesses.some((one) => one.includes('READ_ONLY')))
    ada.sendStateless('throw')
    ada.sendStateless('x'.repeat(65_536))
    await until('the largest is taken', () => ada.statelesses.includes('got 65536'))
    ada.sendStateless('x'.repeat(65_537))
    ada.sendStateless('x'.repeat(1_000_000))
    const refused = (code: string) => () => ada.statelesses.filter((one) => one.includes(code))
    await until('both are told', () => refused('STATELESS_TOO_LARGE')().length === 2)
    expect(refused('STATELESS_TOO_LARGE')()[0]).toContain('65536')
    for (let index = 0; index < 60; index += 1) ada.sendStateless(`${index}`)
    await until('it is told', () => refused('RATE_LIMITED')().length > 0)
    await until('all are answered', () => ada.statelesses.length === 63)
    expect(ada.statelesses.filter((one) => one.startsWith('got')).length).toBeLessThan(60)
    expect(server.errors()).toContain('onStateless failed')
    expect([ada.codes, eve.codes]).toEqual([[], []])
  }, 40_000)

  test('broadcast by a client reach no other client, and its connection stays open', async () => {
    const got: StatelessMessage[] = []
    const { url } = await startServer(
      { documents: { onStateless: (message) => got.push(message) } },
      edges,
    )
    const ben = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ben' })
    const raw = await connectDocument(url, '?user=ann')
    raw.send('notes', 2, 0, '')
    await raw.find('056e6f7465730202')
    raw.send('notes', 6, 'broadcast')
    raw.send('notes', 5, 'after')
    await until('what comes after is taken', () => got.length === 1)
    await pause(100)
    expect(got.map(({ text }) => text)).toEqual(['after'])
    expect(ben.statelesses).toEqual([])
    expect(raw.close).toBeUndefined()
  })

  test('need no hook', async () => {
    const { url } = await startServer({}, edges)
    const ann = await openDocument('Hocuspocus 4', url, 'notes')
    ann.sendStateless('hello')
    ann.text.insert(0, 'goes on')
    await until('it is saved', () => ann.saved === true)
    expect(ann.statelesses).toEqual([])
  })
})
