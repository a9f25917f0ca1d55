import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Json } from '../../src/protocol/index.ts'
import type { FollowedChange } from '../../src/server/index.ts'
import { shapes } from '../parts/shapes.ts'
import { until } from '../parts/until.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

const paragraph = (text: string) => ({
  type: 'doc',
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
})

describe.each(shapes)('documents of the embedding program, $shape', ({ edges }) => {
  test('are read and written as text, JSON and updates, and clients see it at once', async () => {
    const { url, documents } = await startServer({}, edges)
    const ann = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ann' })
    const ben = await openDocument('y-websocket 3.1', url, 'notes', { user: 'ben' })
    const field = 't'
    const written = await documents.writeText('notes', 'from the program', { field })
    expect(written).toEqual({ changed: true, tag: expect.any(String) })
    const again = await documents.writeText('notes', 'from the program', { field })
    expect(again).toEqual({ changed: false, tag: written.tag })
    await until('both have it', () =>
      [ann, ben].every(({ text }) => text.toString() === 'from the program'),
    )
    ann.text.insert(0, 'Ann, ')
    await until('it is saved', () => ann.saved === true)
    expect(await documents.readText('notes', { field })).toMatchObject({
      text: 'Ann, from the program',
    })
    const doc = new Y.Doc()
    Y.applyUpdate(doc, (await documents.readUpdate('notes')).update)
    expect(doc.getText('t').toString()).toBe('Ann, from the program')
    doc.getText('t').insert(0, '> ')
    await documents.writeUpdate('notes', Y.encodeStateAsUpdate(doc), { as: { id: 'importer' } })
    await until('they have that, too', () => ben.text.toString() === '> Ann, from the program')
    expect((await documents.readJson('page')).json).toEqual({ type: 'doc' })
    expect(await documents.writeJson('page', paragraph('one'), { seed: true })).toMatchObject({
      changed: true,
    })
    expect(await documents.writeJson('page', paragraph('two'), { seed: true })).toMatchObject({
      changed: false,
    })
    expect((await documents.readJson('page')).json).toEqual(paragraph('one'))
    const [{ people = [] } = {}] = (await documents.versions('notes')).versions
    expect(people.map(({ id }) => id).sort()).toEqual(['ann', 'importer', 'server'])
  }, 40_000)

  test('are taken back, to a version and from an author', async () => {
    const { documents } = await startServer({}, edges)
    await documents.writeText('notes', 'first', { as: { id: 'ann', name: 'Ann' } })
    const [version] = (await documents.versions('notes')).versions
    expect(version?.people).toEqual([{ id: 'ann', name: 'Ann', edits: 1 }])
    await documents.writeText('notes', 'first, second', { as: { id: 'ben' } })
    expect(await documents.removeAuthor('notes', 'ben')).toMatchObject({ changed: true })
    expect((await documents.readText('notes')).text).toBe('first')
    await documents.writeText('notes', 'something else')
    expect(await documents.restore('notes', version?.id ?? 0)).toMatchObject({ changed: true })
    expect((await documents.readText('notes')).text).toBe('first')
    expect((await documents.readText('notes', { version: version?.id ?? 0 })).text).toBe('first')
  })

  test('are followed from the call on, for every writer and edge, until unsubscribed', async () => {
    const { url, documents } = await startServer({}, edges)
    await documents.writeText('notes', 'before', { field: 't' })
    const copy = new Y.Doc()
    Y.applyUpdate(copy, (await documents.readUpdate('notes')).update)
    const changes: FollowedChange[] = []
    const others: unknown[] = []
    const stop = documents.follow('notes', (change) => {
      changes.push(change)
      if (change.kind === 'update') Y.applyUpdate(copy, change.update)
    })
    documents.follow('other', (change) => others.push(change))
    const ann = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ann' })
    const ben = await openDocument('y-websocket 3.1', url, 'notes', { user: 'ben' })
    ann.text.insert(0, 'Ann, ')
    ben.text.insert(0, 'Ben, ')
    await until(
      'all are saved',
      () => ann.saved === true && ben.text.toString() === ann.text.toString(),
    )
    await documents.writeText('notes', 'after', { field: 't', as: { id: 'program' } })
    await until('the last is followed', () => copy.getText('t').toString() === 'after')
    const offsets = changes.map((change) => (change.kind === 'update' ? change.offset : -1))
    expect(offsets).toEqual(offsets.map((_, index) => 2 + index))
    const authors = changes.map((change) => change.kind === 'update' && change.author.id)
    expect(new Set(authors)).toEqual(new Set(['ann', 'ben', 'program']))
    stop()
    await documents.writeText('notes', 'unseen', { field: 't' })
    await documents.writeText('other', 'seen')
    await until('the other is followed', () => others.length === 1)
    expect(copy.getText('t').toString()).toBe('after')
  }, 40_000)
})

describe('what the embedding program asks', () => {
  test('is refused with a code', async () => {
    const { documents } = await startServer({ limits: { documentBytesMax: 5_000 } })
    const code = (asked: Promise<unknown>) =>
      asked.then(
        () => 'none',
        (error: { readonly code?: string }) => error.code,
      )
    expect(await code(documents.readText(''))).toBe('BAD_NAME')
    expect(await code(documents.readText('a\u0000b'))).toBe('BAD_NAME')
    expect(() => documents.follow(' ', () => undefined)).toThrow(/not a document name/)
    expect(await code(documents.restore('notes', 7))).toBe('NOT_FOUND')
    expect(await code(documents.writeJson('notes', 'no document'))).toBe('BAD_CONTENT')
    const circle: Record<string, Json> = {}
    circle['self'] = circle
    expect(await code(documents.writeJson('notes', circle))).toBe('BAD_CONTENT')
    expect(await code(documents.writeUpdate('notes', Uint8Array.of(1, 2, 3)))).toBe('BAD_UPDATE')
    expect(await code(documents.writeText('notes', 'x'.repeat(4_000)))).toBe('none')
    const more = 'x'.repeat(4_000) + 'y'.repeat(4_000)
    expect(await code(documents.writeText('notes', more))).toBe('DOCUMENT_FULL')
  })

  test('is acknowledged and followed only once it is on disk', async () => {
    const storage = createBreakableStorage()
    const { documents } = await startServer({ storage })
    const seen: unknown[] = []
    documents.follow('notes', (change) => seen.push(change))
    storage.held = true
    let saved = false
    const written = documents.writeText('notes', 'held').then(() => {
      saved = true
    })
    await documents.readText('other')
    expect([saved, seen.length]).toEqual([false, 0])
    storage.held = false
    await written
    await until('it is followed', () => seen.length === 1)
  })

  test('costs a slow follower updates, and the document nothing', async () => {
    const { documents } = await startServer({ limits: { followUpdatesMax: 5 } })
    const changes: FollowedChange[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    documents.follow('notes', async (change) => {
      changes.push(change)
      await promise
    })
    for (let index = 0; index < 20; index += 1) await documents.writeText('notes', `${index}`)
    expect(changes).toHaveLength(1)
    resolve()
    await until('it is told', () => changes.some(({ kind }) => kind === 'missed'))
    await until('and goes on', () => {
      const last = changes.at(-1)
      return last?.kind === 'missed' ? last.last === 20 : last?.offset === 20
    })
    expect((await documents.readText('notes')).text).toBe('19')
  })
})
