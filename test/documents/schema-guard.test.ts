import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { until } from '../parts/until.ts'
import { ask, metricsOf } from './parts/ask.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { families, type Opened, openDocument } from './parts/providers.ts'

/** A table cell that no page survives, and a link whose address is a number. */
function writeHostile({ doc }: Opened): void {
  doc.transact(() => {
    const cell = new Y.XmlElement<Record<string, never>>('tableCell')
    const text = new Y.XmlText()
    cell.setAttribute('colspan', 1e9 as never)
    cell.insert(0, [text])
    text.insert(0, 'words')
    text.format(0, 5, { link: { href: 7 } })
    doc.getXmlFragment('default').push([cell as unknown as Y.XmlElement])
  })
}

const sound = '<tablecell colspan="1">words</tablecell>'
const shown = ({ doc }: Opened): string => doc.getXmlFragment('default').toString()

test.each(families)(
  'unsafe content from %s is corrected in storage and for every client, including the writer',
  async (family) => {
    const storage = createBreakableStorage()
    const server = await startServer({ storage })
    const reader = await openDocument('y-websocket 3.1', server.url, 'd', { user: 'ann' })
    const writer = await openDocument(family, server.url, 'd', { user: 'mallory' })
    const seen: string[] = []
    reader.doc.on('update', () => void seen.push(shown(reader)))
    writeHostile(writer)
    await until('all have it put right', () => shown(writer) === sound && shown(reader) === sound)
    // Never the one without the other.
    expect(new Set(seen)).toEqual(new Set([sound]))
    expect(await metricsOf(server.url)).toContain('rusher_document_corrections_total 2')
    if (family.startsWith('Hocuspocus')) {
      await until('the writer is told', () => writer.statelesses.length > 0)
      expect(JSON.parse(writer.statelesses[0] ?? '')).toMatchObject({ kind: 'corrected' })
      await until('and it is saved', () => writer.saved === true)
    }
    await server.close()
    const after = await startServer({ storage })
    const late = await openDocument('y-websocket 3.1', after.url, 'd')
    expect(shown(late)).toBe(sound)
  },
)

test('content sent over HTTP is corrected as well', async () => {
  const server = await startServer()
  const content = [{ type: 'heading', attrs: { level: 99 } }]
  await ask(`${server.url}/docs/d/json`, 'PUT', { type: 'doc', content })
  const { body } = await ask(`${server.url}/docs/d/json`)
  expect(body).toMatchObject({ content: [{ type: 'heading', attrs: { level: 1 } }] })
})

test('a server with `schema: off` keeps everything unchanged', async () => {
  const server = await startServer({ documents: { schema: 'off' } })
  const writer = await openDocument('y-websocket 3.1', server.url, 'd')
  writeHostile(writer)
  const reader = await openDocument('Hocuspocus 4', server.url, 'd')
  await until('it came', () => shown(reader) !== '')
  expect(shown(reader)).toContain('1000000000')
})
