import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { families, type Opened, openDocument } from './parts/providers.ts'

/** The document that stands under a name in the folder of another. */
function fileOf({ doc }: Opened, name: string): Y.Doc | undefined {
  return doc.getMap<Y.Doc>('files').get(name)
}

describe('a document within a document', () => {
  test.each(families)(
    'is found there by others and syncs through its own provider: %s',
    async (family) => {
      const { url } = await startServer()
      const ann = await openDocument(family, url, 'folder')
      const ben = await openDocument(family, url, 'folder')
      const file = new Y.Doc({ autoLoad: true, gc: false, meta: { title: 'One' } })
      file.getText('t').insert(0, 'inside')
      ann.doc.getMap('files').set('one', file)
      await openDocument(family, url, file.guid, { doc: file })
      await until('it is found', () => fileOf(ben, 'one') !== undefined)
      const seen = fileOf(ben, 'one')
      expect(seen).toMatchObject({ guid: file.guid, autoLoad: true, gc: false })
      expect(seen?.meta).toEqual({ title: 'One' })
      const inside = await openDocument(
        family,
        url,
        file.guid,
        seen === undefined ? {} : { doc: seen },
      )
      await until('its text is there', () => inside.text.toString() === 'inside')
      ann.doc.getMap('files').set('two', new Y.Doc())
      ann.doc.getArray('list').push([new Y.Doc({ guid: 'listed' })])
      await until('the folder goes on', () => ben.doc.getArray<Y.Doc>('list').length === 1)
      expect(ben.doc.getArray<Y.Doc>('list').get(0).guid).toBe('listed')
      expect(ann.codes).toEqual([])
    },
  )

  test('outlives its deletion in the history, and comes back with a version', async () => {
    const { url } = await startServer()
    const ann = await openDocument('Hocuspocus 4', url, 'folder', { user: 'ann' })
    ann.doc.getMap('files').set('one', new Y.Doc({ guid: 'file-1', meta: 'kept' }))
    await until('it is saved', () => ann.saved === true)
    const before = (await ask(`${url}/docs/folder/versions`)).body as {
      versions: readonly { readonly id: number }[]
    }
    const [version] = before.versions
    ann.doc.getMap('files').delete('one')
    await until('that is saved', () => ann.saved === true)
    await ask(`${url}/docs/folder/versions/${version?.id}/restore`, 'POST')
    await until('it is back', () => fileOf(ann, 'one')?.guid === 'file-1')
    expect(fileOf(ann, 'one')?.meta).toBe('kept')
  })

  test('is refused with options that Yjs does not write', async () => {
    const { url } = await startServer()
    const folder = new Y.Doc()
    folder.getMap('files').set('one', new Y.Doc({ guid: 'file-1' }))
    const content = folder.getMap('files')._map.get('one')?.content as Y.ContentDoc
    content.opts = { gcFilter: 7 }
    const response = await fetch(`${url}/docs/folder/update`, {
      method: 'POST',
      body: Buffer.from(Y.encodeStateAsUpdate(folder)),
    })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ error: { code: 'BAD_UPDATE' } })
  })
})

describe.each(shapes)('documents within documents, $shape', ({ edges }) => {
  test('survive compaction and a restart', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges })
    const { url, port } = server
    const ann = await openDocument('Hocuspocus 4', url, 'folder')
    ann.doc.getMap('files').set('one', new Y.Doc({ guid: 'file-1', meta: { n: 1 } }))
    // Enough for the log to be compacted, some of it twice.
    for (let round = 0; round < 40; round += 1) {
      ann.doc.getMap('files').set(`f${round}`, new Y.Doc({ guid: `f${round}` }))
      ann.doc.getMap('notes').set('text', `${round}`.repeat(5_000))
      await until('it is saved', () => ann.saved === true)
    }
    await until('it was compacted', async () =>
      /document_compactions_total\{result="ok"\} [1-9]/.test(
        await (await fetch(`${url}/metrics`)).text(),
      ),
    )
    ann.close()
    await server.crash()
    await serve({ directory, edges, port })
    const ben = await openDocument('y-websocket 3.1', url, 'folder')
    expect(fileOf(ben, 'one')?.guid).toBe('file-1')
    expect(fileOf(ben, 'one')?.meta).toEqual({ n: 1 })
    expect(ben.doc.getMap('files').size).toBe(41)
  }, 60_000)
})
