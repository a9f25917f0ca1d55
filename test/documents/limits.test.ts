import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { createMemoryStorage } from '../../src/server/index.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { families, type Opened, openDocument } from './parts/providers.ts'

const mebibyte = 1024 * 1024
/** A document may have this much, and a frame twice that and 128 KiB. */
const small = { documentBytesMax: 200_000 }

/** What the document has on the server. */
async function textAt(url: string, name: string): Promise<string> {
  return (await fetch(`${url}/docs/${name}/text?field=t`)).text()
}

async function updateAt(url: string, name: string): Promise<Y.Doc> {
  const response = await fetch(`${url}/docs/${name}/update`)
  const doc = new Y.Doc({ gc: false })
  Y.applyUpdate(doc, new Uint8Array(await response.arrayBuffer()))
  return doc
}

/** What y-websocket said on the console, which is all that it does with a refusal. */
function listenToConsole(): () => string {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  return () => warn.mock.calls.map((words) => words.join(' ')).join('\n')
}

function wasTold(client: Opened, heard: () => string, code: string): boolean {
  if (client.family.startsWith('y-websocket')) return heard().includes('195.3 KB')
  return client.statelesses.some((text) => {
    const told = JSON.parse(text) as { kind: string; code: string; limit?: number }
    return told.kind === 'refused' && told.code === code && told.limit === small.documentBytesMax
  })
}

describe('what a document may hold can come in at once', () => {
  test.each(families)(
    'a paste of 5 MB through %s',
    async (family) => {
      const { url } = await startServer()
      const writer = await openDocument(family, url, 'd')
      writer.text.insert(0, 'before ')
      writer.text.insert(7, 'x'.repeat(5_000_000))
      writer.text.insert(0, 'after ')
      await until(
        'the server has it',
        async () => (await textAt(url, 'd')).length === writer.text.length,
        60_000,
      )
      expect(writer.codes).toEqual([])
      if (writer.saved !== undefined) await until('it is acknowledged', () => writer.saved === true)
    },
    120_000,
  )

  test.each(families)(
    'work of nearly 10 MB, done offline, through %s',
    async (family) => {
      const { url } = await startServer()
      const doc = new Y.Doc()
      for (let index = 0; index < 99; index += 1) doc.getText('t').insert(0, 'x'.repeat(100_000))
      const writer = await openDocument(family, url, 'd', { doc, impatient: true })
      await until(
        'the server has it',
        async () => (await textAt(url, 'd')).length === doc.getText('t').length,
        60_000,
      )
      expect(writer.codes).toEqual([])
    },
    120_000,
  )

  test('50,000 paragraphs over HTTP, and a reader gets all of them', async () => {
    const { url } = await startServer()
    const doc = new Y.Doc()
    const paragraphs = Array.from({ length: 50_000 }, (_, index) => {
      const paragraph = new Y.XmlElement('paragraph')
      const text = new Y.XmlText()
      text.insert(0, `paragraph ${index}`)
      paragraph.insert(0, [text])
      return paragraph
    })
    doc.transact(() => doc.getXmlFragment('default').insert(0, paragraphs))
    const response = await fetch(`${url}/docs/d/seed/update`, {
      method: 'POST',
      body: Buffer.from(Y.encodeStateAsUpdate(doc)),
    })
    expect(await response.json()).toEqual({ seeded: true })
    const reader = await openDocument('Hocuspocus 4', url, 'd', { impatient: true })
    await until(
      'the reader has them',
      () => reader.doc.getXmlFragment('default').length === 50_000,
      60_000,
    )
  }, 120_000)

  test('a table of 1,000 by 9 cells, keys of kilobytes and values nested deep', async () => {
    const { url } = await startServer()
    const writer = await openDocument('Hocuspocus 4', url, 'd')
    const rows = Array.from({ length: 1_000 }, () => {
      const row = new Y.XmlElement('tableRow')
      row.insert(0, Array.from({ length: 9 }, makeCell))
      return row
    })
    writer.doc.getXmlFragment('default').insert(0, rows)
    const map = writer.doc.getMap('m')
    map.set(`https://example.com/${'k'.repeat(5_000)}`, { ['n'.repeat(5_000)]: 1 })
    let deep: unknown = 1
    for (let depth = 0; depth < 300; depth += 1) deep = { deep }
    map.set('deep', deep)
    writer.text.insertEmbed(0, deep as object)
    let nested = new Y.XmlElement('p')
    for (let depth = 0; depth < 190; depth += 1) {
      const outer = new Y.XmlElement('p')
      outer.insert(0, [nested])
      nested = outer
    }
    writer.doc.getXmlFragment('nested').insert(0, [nested])
    await until('it is acknowledged', () => writer.saved === true, 60_000)
    expect(writer.statelesses.filter((text) => text.includes('refused'))).toEqual([])
  }, 120_000)
})

function makeCell(): Y.XmlElement {
  const cell = new Y.XmlElement('tableCell')
  cell.setAttribute('colspan', '1')
  cell.setAttribute('rowspan', '1')
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  text.insert(0, 'cell')
  paragraph.insert(0, [text])
  cell.insert(0, [paragraph])
  return cell
}

describe('what a document may not hold', () => {
  test.each(families)(
    'is refused with the limit through %s, and no bytes go round',
    async (family) => {
      const heard = listenToConsole()
      const { url } = await startServer({ limits: small })
      const other = await openDocument('Hocuspocus 4', url, 'd')
      const writer = await openDocument(family, url, 'd')
      writer.text.insert(0, 'x'.repeat(300_000))
      await until('it is told', () => wasTold(writer, heard, 'DOCUMENT_FULL'))
      await pause(2_000)
      expect(writer.codes.length).toBeLessThanOrEqual(1)
      expect(writer.sentBytes).toBeLessThan(3 * 300_000)
      if (family === 'y-websocket 3.1') expect(writer.stopped).toBe(true)
      other.text.insert(0, 'meanwhile')
      await until('others go on', () => other.saved === true)
      expect(await textAt(url, 'd')).toBe('meanwhile')
      if (!writer.stopped)
        await until('it goes on reading', () => writer.text.toString().includes('meanwhile'))
    },
    60_000,
  )

  test.each(families)(
    'is not read beyond twice that through %s, and no bytes go round',
    async (family) => {
      const heard = listenToConsole()
      const { url } = await startServer({ limits: small })
      const writer = await openDocument(family, url, 'd')
      writer.text.insert(0, 'x'.repeat(3_000_000))
      await until('it is told', () => wasTold(writer, heard, 'DOCUMENT_FULL'))
      await pause(2_000)
      expect(writer.codes.length).toBeLessThanOrEqual(2)
      expect(writer.sentBytes).toBeLessThan(3 * 3_000_000)
      const other = await openDocument(family, url, 'd')
      other.text.insert(0, 'meanwhile')
      await until('others go on', async () => (await textAt(url, 'd')) === 'meanwhile')
      if (!writer.stopped)
        await until('it goes on reading', () => writer.text.toString().includes('meanwhile'))
    },
    60_000,
  )

  test.each(['y-websocket 3.0', 'Hocuspocus 4', 'Hocuspocus 3'] as const)(
    'is saved by itself through %s once there is room',
    async (family) => {
      listenToConsole()
      const { url } = await startServer({ limits: small })
      const other = await openDocument('Hocuspocus 4', url, 'd', { user: 'other' })
      other.text.insert(0, 'o'.repeat(150_000))
      await until('the document is nearly full', () => other.saved === true)
      const writer = await openDocument(family, url, 'd', { user: 'writer' })
      writer.text.insert(0, 'x'.repeat(100_000))
      writer.text.insert(0, 'typed on ')
      await pause(500)
      expect((await textAt(url, 'd')).length).toBe(150_000)
      other.text.delete(0, 150_000)
      await until(
        'what was refused is there',
        async () => (await textAt(url, 'd')).startsWith('typed on xxx'),
        30_000,
      )
      if (writer.saved !== undefined)
        await until('all is acknowledged', () => writer.saved === true)
    },
    60_000,
  )

  test('is saved once the person takes it back', async () => {
    const { url } = await startServer({ limits: small })
    const writer = await openDocument('Hocuspocus 4', url, 'd')
    writer.text.insert(0, 'x'.repeat(300_000))
    await until('it is told', () => writer.statelesses.length > 0)
    writer.text.delete(0, 300_000)
    writer.text.insert(0, 'shorter')
    await until('it is there', async () => (await textAt(url, 'd')) === 'shorter', 30_000)
    await until('all is acknowledged', () => writer.saved === true)
  }, 60_000)

  test('is 413 over HTTP, with the limit', async () => {
    const { url } = await startServer({ limits: small })
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'x'.repeat(300_000))
    const response = await fetch(`${url}/docs/d/update`, {
      method: 'POST',
      body: Buffer.from(Y.encodeStateAsUpdate(doc)),
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      error: { code: 'DOCUMENT_FULL', message: expect.stringContaining('200000 bytes') },
    })
  })
})

describe('the size of a document', () => {
  test('is that of what is left in it, however much was replaced, and nothing is full for good', async () => {
    const { url } = await startServer({ limits: small })
    const writer = await openDocument('Hocuspocus 4', url, 'd')
    const map = writer.doc.getMap('m')
    for (let index = 0; index < 6; index += 1) map.set(`part ${index}`, `${index}`.repeat(20_000))
    for (let index = 0; index < 40; index += 1) {
      map.set('picture', `${index % 10}`.repeat(60_000))
      await until('it is saved', () => writer.saved === true)
    }
    expect(writer.statelesses).toEqual([])
    map.set('another', 'y'.repeat(60_000))
    await until('it is full', () => writer.statelesses.length > 0)
    map.delete('another')
    map.delete('picture')
    map.set('note', 'small')
    await until('it is saved', () => writer.saved === true, 30_000)
    expect((await updateAt(url, 'd')).getMap('m').get('note')).toBe('small')
  }, 120_000)
})

test('a history is cut where it is longer than it may be, and what is left of it can be read', async () => {
  const storage = createMemoryStorage({ epoch: 'e' })
  const limits = { ...small, documentHistoryBytesMax: 400_000 }
  const { url } = await startServer({ storage, limits })
  const writer = await openDocument('Hocuspocus 4', url, 'd')
  const map = writer.doc.getMap('m')
  writer.text.insert(0, 'stays')
  const historyBytes = async (): Promise<number> => {
    const { events } = await storage.readAfter('doc-history:d', 0, 1_000)
    const snapshot = await storage.readSnapshot('doc-history:d')
    return [...events, snapshot].reduce((sum, one) => sum + (one?.payload?.length ?? 0), 0)
  }
  // 6 MB in all. What a log may have goes into the history at once.
  for (let index = 0; index < 100; index += 1) {
    map.set('picture', `${index % 10}`.repeat(60_000))
    await until('it is saved', () => writer.saved === true)
    expect(await historyBytes()).toBeLessThan(2_000_000)
  }
  await until('it was cut', async () => (await storage.readSnapshot('doc-history:d')) !== undefined)
  const answer = await ask(`${url}/docs/d/versions`)
  const { versions } = answer.body as { versions: readonly { id: number }[] }
  for (const { id } of [versions[0], versions.at(-1)].filter((one) => one !== undefined)) {
    const text = await (await fetch(`${url}/docs/d/versions/${id}/text?field=t`)).text()
    expect(text).toBe('stays')
  }
  const restored = await ask(`${url}/docs/d/versions/${versions.at(-1)?.id}/restore`, 'POST')
  expect(restored.status).toBe(200)
}, 120_000)

describe('a document that keeps what was deleted', () => {
  test.each(families)(
    'shows a snapshot after compaction and a new start, through %s',
    async (family) => {
      const storage = { ...createMemoryStorage({ epoch: 'e' }), close: () => Promise.resolve() }
      const options = {
        storage,
        documents: { keepDeleted: (name: string) => name.startsWith('kept') },
      }
      const first = await startServer(options)
      const writer = await openDocument(family, first.url, 'kept', {
        doc: new Y.Doc({ gc: false }),
      })
      writer.text.insert(0, 'as it was')
      const snapshot = Y.encodeSnapshot(Y.snapshot(writer.doc))
      writer.text.delete(0, writer.text.length)
      for (let index = 0; index < 20; index += 1) {
        writer.text.insert(0, `${index % 10}`.repeat(10_000))
        writer.text.delete(0, 10_000)
      }
      writer.text.insert(0, 'as it is')
      await until('all is saved', async () => (await textAt(first.url, 'kept')) === 'as it is')
      await until('it was compacted', async () =>
        /compactions_total\{result="ok"\} [1-9]/.test(
          await (await fetch(`${first.url}/metrics`)).text(),
        ),
      )
      await first.close()
      const second = await startServer(options)
      const doc = new Y.Doc({ gc: false })
      const reader = await openDocument(family, second.url, 'kept', { doc })
      expect(reader.text.toString()).toBe('as it is')
      const restored = Y.createDocFromSnapshot(doc, Y.decodeSnapshot(snapshot))
      expect(restored.getText('t').toString()).toBe('as it was')
    },
    60_000,
  )
})

test('limits that contradict each other are refused at the start, with what to do', async () => {
  await expect(
    startServer({ limits: { documentBytesMax: 2 * mebibyte, documentFrameBytesMax: mebibyte } }),
  ).rejects.toThrow(/documentFrameBytesMax is 1048576 and must be at least 2098176/)
  await expect(startServer({ limits: { documentInFlightBytesMax: 1_000 } })).rejects.toThrow(
    /documentInFlightBytesMax/,
  )
  const { limits } = await startServer({ limits: { documentBytesMax: mebibyte } })
  expect(limits.documentFrameBytesMax).toBe(2 * mebibyte + 128 * 1024)
})
