import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { metricsOf } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { families, type Opened, openDocument } from './parts/providers.ts'
import { awarenessOf, connectDocument } from './parts/raw-document.ts'

const stateOf = (watcher: Opened, client: number) => watcher.awareness.getStates().get(client)
const avatar = (bytes: number): string => `data:image/png;base64,${'A'.repeat(bytes)}`

describe.each(shapes)('a page that makes a new provider for its document, $shape', ({ edges }) => {
  test.each(families)(
    'is seen at once, although its clock restarts: %s',
    async (family) => {
      const { url } = await serve({ directory: temporaryDirectory(), edges })
      const watchers = await Promise.all(
        ['Hocuspocus 4', 'y-websocket 3.1', 'Hocuspocus 3', 'y-websocket 3.0'].map((one) =>
          openDocument(one as Opened['family'], url, 'notes', { user: 'watcher' }),
        ),
      )
      const doc = new Y.Doc()
      const sees = (at: string) => () =>
        watchers.every((one) => stateOf(one, doc.clientID)?.['status'] === at)
      const first = await openDocument(family, url, 'notes', { doc, user: 'ann' })
      for (let move = 0; move < 30; move += 1) {
        first.awareness.setLocalStateField('status', `${move}`)
      }
      await until('the first is seen', sees('29'))
      // The old one is still there, as in a tab that makes the new one first, and then it goes.
      const second = await openDocument(family, url, 'notes', { doc, user: 'ann' })
      second.awareness.setLocalStateField('status', 'second')
      await until('the second is seen', sees('second'), 3_000)
      first.close()
      await pause(500)
      expect(sees('second')()).toBe(true)
      second.close()
      const third = await openDocument(family, url, 'notes', { doc, user: 'ann' })
      third.awareness.setLocalStateField('status', 'third')
      await until('the third is seen', sees('third'), 3_000)
      expect(third.awareness.getLocalState()?.['status']).toBe('third')
      // Longer than the grace period of a lost connection.
      await pause(3_500)
      expect(sees('third')()).toBe(true)
    },
    40_000,
  )
})

describe.each(shapes)('a large presence state, $shape', ({ edges }) => {
  test.each(['Hocuspocus 4', 'y-websocket 3.1'] as const)(
    'of up to 64 KB is seen; a larger one is refused and the previous state stays: %s',
    async (family) => {
      const { url, errors } = await serve({ directory: temporaryDirectory(), edges })
      const watcher = await openDocument('Hocuspocus 4', url, 'notes', { user: 'watcher' })
      const ann = await openDocument(family, url, 'notes', { user: 'ann' })
      const warnings: string[] = []
      const { warn } = console
      console.warn = (...said: readonly unknown[]) => void warnings.push(said.join(' '))
      try {
        ann.awareness.setLocalStateField('picture', avatar(60_000))
        await until(
          'it is seen',
          () => stateOf(watcher, ann.doc.clientID)?.['picture'] !== undefined,
        )
        ann.awareness.setLocalStateField('picture', avatar(66_000))
        const told = (): readonly string[] => [...ann.statelesses, ...warnings]
        await until('she is told', () =>
          told().some((text) => text.includes('PRESENCE_TOO_LARGE') && text.includes('65536')),
        )
        expect(stateOf(watcher, ann.doc.clientID)?.['picture']).toBe(avatar(60_000))
        ann.awareness.setLocalStateField('picture', 'small')
        await until(
          'a smaller one is seen',
          () => stateOf(watcher, ann.doc.clientID)?.['picture'] === 'small',
        )
        expect(ann.codes).toEqual([])
      } finally {
        console.warn = warn
      }
      expect(errors()).toContain('presence state rejected')
      await until('it is counted', async () =>
        /^rusher_refusals_total\{code="PRESENCE_TOO_LARGE"\} [1-9]/m.test(await metricsOf(url)),
      )
    },
    40_000,
  )
})

describe('what a client says of itself', () => {
  test('is forwarded no faster than its byte rate, and then the latest one', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    let bytes = 0
    const ann = await openDocument('y-websocket 3.1', url, 'notes')
    watcher.awareness.on('change', () => {
      bytes += JSON.stringify(stateOf(watcher, ann.doc.clientID) ?? {}).length
    })
    for (let move = 1; move <= 40; move += 1) {
      ann.awareness.setLocalState({ move, picture: avatar(50_000) })
    }
    await until('the last is seen', () => stateOf(watcher, ann.doc.clientID)?.['move'] === 40)
    expect(bytes).toBeLessThan(6 * 50_000)
  })

  test('is refused beyond what one document holds, and small states still fit', async () => {
    const { url } = await startServer({ limits: { documentAwarenessBytesMax: 100_000 } })
    const [ann, ben, cy] = await Promise.all(
      ['ann', 'ben', 'cy'].map((user) => openDocument('Hocuspocus 4', url, 'notes', { user })),
    )
    ann?.awareness.setLocalStateField('picture', avatar(60_000))
    await until(
      'the first is seen',
      () => 'picture' in (stateOf(ben as Opened, ann?.doc.clientID ?? 0) ?? {}),
    )
    ben?.awareness.setLocalStateField('picture', avatar(60_000))
    await until('the second is told', () =>
      (ben?.statelesses ?? []).some((text) => text.includes('PRESENCE_FULL')),
    )
    cy?.awareness.setLocalStateField('status', 'here')
    await until(
      'a small one is seen',
      () => stateOf(ann as Opened, cy?.doc.clientID ?? 0)?.['status'] === 'here',
    )
    expect(stateOf(ann as Opened, ben?.doc.clientID ?? 0)).toMatchObject({ user: { id: 'ben' } })
  })

  test('cannot end the process or the connection, however deep it is nested', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    const raw = await connectDocument(url, '/notes?user=ann&name=Ann')
    raw.send(0, 0, 1, 0)
    await raw.find('0001')
    raw.send(awarenessOf(7, 1, `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`))
    raw.send(awarenessOf(7, 2, '5'))
    // A later one waits while the bytes of the first are made up for.
    raw.send(awarenessOf(7, 3, '{"status":"fine"}'))
    await until('it goes on', () => stateOf(watcher, 7)?.['status'] === 'fine')
    await raw.find('0200')
    expect(raw.close).toBeUndefined()
  })
})

describe.each(shapes)('a reader, $shape', ({ edges }) => {
  test('shows its name and its cursor, and nothing that breaks a page', async () => {
    const permit = `(identity, channel, act) => act === 'read' || identity.user.id === 'ada'`
    const config = `{ auth: { secret: '${secret}' }, permit: ${permit} }`
    const { url } = await serve({ directory: temporaryDirectory(), edges, config })
    const ada = await openDocument('Hocuspocus 4', url, 'notes', { token: await signToken() })
    const token = await signToken({ user: 'eve' })
    const eve = await openDocument('Hocuspocus 4', url, 'notes', { token })
    const seen = () => stateOf(ada, eve.doc.clientID)
    const anchor = Y.createRelativePositionFromTypeIndex(ada.text, 0)
    const cursor = { anchor, head: anchor }
    eve.awareness.setLocalState({ cursor: 7, selection: 'x', more: 1, user: { color: 'red' } })
    await until('she is seen', () => seen() !== undefined && 'user' in (seen() ?? {}))
    await until('all of it', () => JSON.stringify(seen()).includes('red'))
    expect(seen()).toEqual({ user: expect.objectContaining({ id: 'eve', color: 'red' }) })
    eve.awareness.setLocalStateField('cursor', cursor)
    await until('her cursor is seen', () => seen()?.['cursor'] !== undefined)
    expect(Y.createRelativePositionFromJSON(seen()?.['cursor'].anchor).tname).toBe('t')
  })
})

describe.each(shapes)('a cursor that is not a position, $shape', ({ edges }) => {
  test('is withheld in a document of an editor, and shown on a canvas until that becomes a text', async () => {
    const { url } = await startServer({}, edges)
    const [ann, ben] = await Promise.all(
      ['ann', 'ben'].map((user) => openDocument('Hocuspocus 4', url, 'text', { user })),
    )
    ann?.doc.getXmlFragment('default').push([new Y.XmlElement('paragraph')])
    await until('it is saved', () => ann?.saved === true)
    const of = (watcher: Opened | undefined, teller: Opened | undefined) =>
      stateOf(watcher as Opened, teller?.doc.clientID ?? 0)
    const cursors: unknown[] = []
    ann?.awareness.on('change', () => cursors.push(of(ann, ben)?.['cursor']))
    ben?.awareness.setLocalState({ cursor: 7, status: 'one' })
    await until('the rest is seen', () => of(ann, ben)?.['status'] === 'one')
    ben?.awareness.setLocalState({ cursor: { x: 1, y: 2 }, status: 'two' })
    await until('the rest is seen again', () => of(ann, ben)?.['status'] === 'two')
    expect(cursors.every((cursor) => cursor === undefined)).toBe(true)

    const [cy, dan] = await Promise.all(
      ['cy', 'dan'].map((user) => openDocument('y-websocket 3.1', url, 'canvas', { user })),
    )
    dan?.awareness.setLocalState({ cursor: { x: 1, y: 2 }, status: 'here' })
    await until('it is seen', () => of(cy, dan)?.['cursor']?.x === 1)
    cy?.doc.getXmlFragment('default').push([new Y.XmlElement('paragraph')])
    await until('it is taken back', () => of(cy, dan)?.['cursor'] === undefined)
    expect(of(cy, dan)?.['status']).toBe('here')
  }, 30_000)
})
