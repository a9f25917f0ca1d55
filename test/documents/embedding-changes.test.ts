import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { FollowedChange } from '../../src/server/index.ts'
import { shapes } from '../parts/shapes.ts'
import { until } from '../parts/until.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'
import { connectDocument } from './parts/raw-document.ts'

const tag = expect.any(String)

/** The code that a call is refused with; `none` where it is done. */
async function code(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => 'none',
    (error: { readonly code?: string }) => error.code,
  )
}

describe.each(shapes)('the embedding program, $shape', ({ edges }) => {
  test('deletes a document: its editor is sent away, and a follower is told of it in its place', async () => {
    const { url, documents } = await startServer({}, edges)
    const changes: FollowedChange[] = []
    documents.follow('notes', (change) => changes.push(change))
    const ann = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ann' })
    ann.text.insert(0, 'secret')
    await until('it is saved', () => ann.saved === true)
    const deleted = await documents.delete('notes', { as: { id: 'cleaner' } })
    expect(deleted).toEqual({ changed: true, tag })
    await until('she is sent away', () => ann.refusals.length > 0)
    expect((await documents.readText('notes', { field: 't' })).text).toBe('')
    expect((await documents.versions('notes')).versions).toEqual([])
    expect(await code(documents.delete('notes'))).toBe('NOT_FOUND')
    await documents.writeText('notes', 'anew', { field: 't' })
    await until('all is followed', () => changes.length === 3)
    expect(changes.map(({ kind }) => kind)).toEqual(['update', 'deleted', 'update'])
    expect(changes[1]).toMatchObject({ document: 'notes', offset: 2, author: { id: 'cleaner' } })
    const copy = new Y.Doc()
    if (changes[2]?.kind === 'update') Y.applyUpdate(copy, changes[2].update)
    expect(copy.getText('t').toString()).toBe('anew')
  }, 40_000)

  test('changes a document only where it stands at the tag that was read', async () => {
    const { url, documents } = await startServer({}, edges)
    const ann = await openDocument('y-websocket 3.1', url, 'notes', { user: 'ann' })
    const { tag: first = '' } = await documents.writeText('notes', 'one', { field: 't' })
    expect((await documents.readText('notes', { field: 't' })).tag).toBe(first)
    await until('she has it', () => ann.text.toString() === 'one')
    ann.text.insert(3, ', two')
    await until('hers is saved', async () => (await documents.describe('notes')).tag !== first)
    const late = documents.writeText('notes', 'three', { field: 't', ifMatch: first })
    expect(await code(late)).toBe('PRECONDITION_FAILED')
    expect(await code(documents.delete('notes', { ifMatch: first }))).toBe('PRECONDITION_FAILED')
    const { text, tag: now } = await documents.readText('notes', { field: 't' })
    expect(text).toBe('one, two')
    const written = await documents.writeText('notes', 'three', { field: 't', ifMatch: now })
    expect(written).toEqual({ changed: true, tag })
    await until('she sees it', () => ann.text.toString() === 'three')
  }, 40_000)
})

describe('the embedding program', () => {
  test('is told the roots of a document, its bytes and its tag', async () => {
    const { documents } = await startServer()
    expect(await code(documents.describe('notes'))).toBe('NOT_FOUND')
    await documents.writeMarkdown('notes', '# Title')
    const written = await documents.writeJson('notes', { a: 1 }, { field: 'm', kind: 'map' })
    const { bytes, ...described } = await documents.describe('notes')
    expect(described).toEqual({ roots: { default: 'prosemirror', m: 'map' }, tag: written.tag })
    expect(bytes).toBe((await documents.readUpdate('notes')).update.length)
  })

  test('reads back the maps, arrays, deltas and Markdown that it wrote', async () => {
    const { documents } = await startServer()
    const map = { name: 'x', list: [1, { deep: true }] }
    const { tag: mapTag } = await documents.writeJson('map', map, { kind: 'map' })
    expect(await documents.readJson('map')).toEqual({ json: map, tag: mapTag })
    await documents.writeJson('array', [1, 'two'], { kind: 'array' })
    expect((await documents.readJson('array')).json).toEqual([1, 'two'])
    expect((await documents.readJson('none', { kind: 'map' })).json).toEqual({})
    const delta = { ops: [{ insert: 'bold', attributes: { bold: true } }, { insert: '\n' }] }
    await documents.writeDelta('quill', delta)
    expect(await documents.readDelta('quill')).toEqual({ delta, tag })
    const markdown = '# Title\n\nSome _words_.\n'
    const { tag: pageTag } = await documents.writeMarkdown('page', markdown)
    expect(await documents.readMarkdown('page')).toEqual({ markdown, tag: pageTag })
    const again = await documents.writeMarkdown('page', markdown)
    expect(again).toEqual({ changed: false, tag: pageTag })
    const [version] = (await documents.versions('page')).versions
    await documents.writeMarkdown('page', 'Other')
    const old = await documents.readMarkdown('page', { version: version?.id ?? 0 })
    expect(old.markdown).toBe(markdown)
  })

  test('deletes with a document the parts that wait for their predecessors in it', async () => {
    const { url, documents } = await startServer()
    const writer = new Y.Doc()
    const updates: Uint8Array[] = []
    writer.on('update', (update) => updates.push(update))
    writer.getText('t').insert(0, 'first ')
    writer.getText('t').insert(6, 'second')
    const [first, second] = updates
    if (first === undefined || second === undefined) throw new Error('two changes were made')
    const ann = await connectDocument(url, '/notes?user=ann')
    ann.send(0, 0, 1, 0)
    await ann.find('0001')
    ann.send(0, 2, second.length, second)
    const other = new Y.Doc()
    other.getText('other').insert(0, 'sound')
    const sound = Y.encodeStateAsUpdate(other)
    ann.send(0, 2, sound.length, sound)
    await until('what came after the part is saved', async () => {
      return (await documents.readText('notes', { field: 'other' })).text === 'sound'
    })
    await documents.delete('notes')
    await documents.writeUpdate('notes', first)
    await documents.writeText('notes', 'done', { field: 'other' })
    expect((await documents.readText('notes', { field: 't' })).text).toBe('first ')
  })

  test('creates a document with `ifAbsent`, and changes one that exists with `*`', async () => {
    const { documents } = await startServer()
    expect(await code(documents.writeText('notes', 'x', { ifMatch: '*' }))).toBe(
      'PRECONDITION_FAILED',
    )
    expect(await code(documents.writeText('notes', 'x', { ifAbsent: true }))).toBe('none')
    expect(await code(documents.writeText('notes', 'y', { ifAbsent: true }))).toBe(
      'PRECONDITION_FAILED',
    )
    expect(await code(documents.removeAuthor('notes', 'ann', { ifAbsent: true }))).toBe(
      'PRECONDITION_FAILED',
    )
    expect(await code(documents.writeText('notes', 'z', { ifMatch: '*' }))).toBe('none')
    expect((await documents.readText('notes')).text).toBe('z')
  })

  test('copies a document, over another only where it says so', async () => {
    const { documents } = await startServer()
    await documents.writeText('one', 'first')
    await documents.writeText('two', 'second')
    const changes: FollowedChange[] = []
    documents.follow('two', (change) => changes.push(change))
    expect(await code(documents.copy('none', 'three'))).toBe('NOT_FOUND')
    expect(await code(documents.copy('one', 'two'))).toBe('EXISTS')
    expect(await code(documents.copy('one', 'one', { replace: true }))).toBe('EXISTS')
    expect(await code(documents.copy('one', ' '))).toBe('BAD_NAME')
    expect(await documents.copy('one', 'three')).toEqual({ changed: true, tag })
    const copied = await documents.copy('one', 'two', { replace: true, as: { id: 'ann' } })
    expect(await documents.readText('two')).toEqual({ text: 'first', tag: copied.tag })
    await until('it is followed', () => changes.length === 2)
    expect(changes.map(({ kind }) => kind)).toEqual(['deleted', 'update'])
    expect((await documents.readText('three')).text).toBe('first')
  })

  test('lists documents by prefix, in pages, without those that are deleted', async () => {
    const { documents } = await startServer()
    const tags = new Map<string, unknown>()
    for (const name of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1']) {
      tags.set(name, (await documents.writeText(name, name)).tag)
    }
    await documents.delete('a/2')
    const seen: { readonly name: string; readonly tag: string }[] = []
    let after: string | undefined = ''
    while (after !== undefined) {
      const page = await documents.list({ prefix: 'a/', limit: 2, after })
      expect(page.documents.length).toBeLessThanOrEqual(2)
      seen.push(...page.documents)
      after = page.next
    }
    const wanted = ['a/1', 'a/3', 'a/4']
    expect(seen).toEqual(wanted.map((name) => ({ name, tag: tags.get(name) })))
    const all = await documents.list()
    expect(all.documents.map(({ name }) => name)).toEqual([...wanted, 'b/1'])
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      expect(await code(documents.list({ limit }))).toBe('BAD_LIMIT')
    }
  })

  test('is refused with the codes of the HTTP API', async () => {
    const { documents } = await startServer()
    await documents.writeJson('map', { a: 1 }, { kind: 'map' })
    expect(await code(documents.readText('map'))).toBe('UNSUPPORTED_CONTENT')
    expect(await code(documents.writeJson('map', [1], { kind: 'array' }))).toBe(
      'UNSUPPORTED_CONTENT',
    )
    expect(await code(documents.writeDelta('quill', 'no delta'))).toBe('BAD_CONTENT')
    await documents.writeMarkdown('page', '- one\n- two\n')
    expect(await code(documents.writeText('page', 'one line'))).toBe('LOSES_CONTENT')
    const both = { ifMatch: 'x', ifAbsent: true }
    expect(await code(documents.writeText('page', 'x', both))).toBe('BAD_PRECONDITION')
    const seeded = { seed: true, ifMatch: 'x' }
    expect(await code(documents.writeText('page', 'x', seeded))).toBe('BAD_PRECONDITION')
    expect(await code(documents.delete(''))).toBe('BAD_NAME')
  })
})
