import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { seed } from '../parts/seed.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { seeded } from '../tools/seeded.ts'
import { ask, metricsOf } from './parts/ask.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'
import { connectDocument, varint } from './parts/raw-document.ts'

describe.each(shapes)(`acked-edit-survives-sigkill, $shape (seed ${seed})`, ({ edges }) => {
  test('no edit that was acknowledged is missing after kill -9 in a loop, though its writer never comes back', async () => {
    const random = seeded(seed + edges)
    const directory = temporaryDirectory()
    let server = await serve({ directory, edges })
    const { port, url } = server
    const acknowledged: string[] = []
    for (let round = 0; round < 8; round += 1) {
      const writer = await openDocument('Hocuspocus 4', url, 'notes')
      const edits = 5 + random(40)
      for (let edit = 0; edit < edits; edit += 1) {
        const word = `<${round}.${edit}>`
        writer.text.insert(random(writer.text.length + 1), '')
        writer.text.insert(writer.text.length, word)
        await until('it is acknowledged', () => writer.saved === true)
        acknowledged.push(word)
      }
      // One more, of which nobody knows.
      writer.text.insert(writer.text.length, `(${round})`)
      await server.crash()
      writer.close()
      server = await serve({ directory, edges, port })
    }
    const reader = await openDocument('y-websocket 3.1', url, 'notes')
    const found = reader.text.toString()
    expect(acknowledged.filter((word) => !found.includes(word))).toEqual([])
  }, 120_000)
})

describe('a store that fails', () => {
  test('failed-store-keeps-document: acknowledgements wait, the document stays, and what heals is told', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    const plain = await openDocument('y-websocket 3.1', url, 'notes')
    storage.full = true
    writer.text.insert(0, 'kept')
    await until('the server is not ready', async () => {
      const { status, body } = await ask(`${url}/readyz`)
      return status === 503 && JSON.stringify(body).includes('cannot be read or saved')
    })
    expect(writer.saved).toBe(false)
    expect(plain.text.toString()).toBe('')
    // Its writer leaves, and nobody else has it.
    writer.close()
    await pause(300)
    storage.full = false
    await until('the other has it', () => plain.text.toString() === 'kept')
    await until('the server is ready', async () => (await ask(`${url}/readyz`)).status === 200)
    const late = await openDocument('Hocuspocus 3', url, 'notes')
    expect(late.text.toString()).toBe('kept')
  })

  test('close-deadline-returns: closing ends, and says what was not saved', async () => {
    const storage = createBreakableStorage()
    const server = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', server.url, 'notes')
    storage.full = true
    writer.text.insert(0, 'lost')
    await until('it is taken', async () =>
      (await metricsOf(server.url)).includes('document_updates_unsaved 1'),
    )
    const closed = await server.close({ deadlineMs: 300 })
    expect(closed.unsavedDocuments).toEqual(['notes'])
    expect(closed.unsaved).toBeGreaterThan(0)
    expect(writer.saved).toBe(false)
  })

  test('shutdown-flushes-window: what was taken is on disk when the server has closed', async () => {
    const directory = temporaryDirectory()
    const storage = `sqlite:${directory}/r.db`
    const server = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', server.url, 'notes')
    for (let index = 0; index < 50; index += 1) writer.text.insert(0, 'x')
    await until('all is sent and taken', () => writer.saved === true)
    writer.text.insert(0, 'y')
    const { unsaved } = await server.close()
    expect(unsaved).toBe(0)
    writer.close()
    const again = await startServer({ storage })
    const reader = await openDocument('y-websocket 3.1', again.url, 'notes')
    expect(reader.text.toString().length).toBeGreaterThanOrEqual(50)
  })

  test('edit-during-save-stays-dirty: an edit made while another is saved gets its own acknowledgement', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    storage.held = true
    writer.text.insert(0, 'a')
    await pause(100)
    writer.text.insert(1, 'b')
    expect(writer.saved).toBe(false)
    storage.held = false
    await until('both are saved', () => writer.saved === true)
    const reader = await openDocument('y-websocket 3.1', url, 'notes')
    expect(reader.text.toString()).toBe('ab')
  })

  test('durable before visible: nobody sees an edit before it is on disk', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    const writer = await openDocument('y-websocket 3.1', url, 'notes')
    const reader = await openDocument('Hocuspocus 4', url, 'notes')
    storage.held = true
    writer.text.insert(0, 'early')
    await pause(300)
    expect(reader.text.toString()).toBe('')
    const late = await openDocument('Hocuspocus 4', url, 'notes')
    expect(late.text.toString()).toBe('')
    storage.held = false
    await until('both see it', () =>
      [reader, late].every(({ text }) => text.toString() === 'early'),
    )
  })
})

describe('an update that brings nothing new', () => {
  test('is acknowledged no earlier than what it repeats, which may not be on disk yet', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    await until('it is at rest', () => writer.saved === true)
    storage.held = true
    writer.text.insert(0, 'again')
    await until('it is taken', async () =>
      (await metricsOf(url)).includes('document_updates_unsaved 1'),
    )
    const repeating = await connectDocument(url, '')
    repeating.send('notes', 2, 0, '', '4.8.0')
    repeating.send('notes', 0, 0, 1, 0)
    const update = Y.encodeStateAsUpdate(writer.doc)
    repeating.send('notes', 0, 2, Buffer.concat([varint(update.length), update]))
    let seeded: unknown
    const seeding = ask(`${url}/docs/notes/seed/text`, 'POST', 'other').then(({ body }) => {
      seeded = body
    })
    await pause(500)
    const isAcknowledged = () => repeating.frames.includes('056e6f7465730801')
    expect(isAcknowledged()).toBe(false)
    expect(seeded).toBeUndefined()
    storage.held = false
    await until('it is acknowledged', isAcknowledged)
    await seeding
    expect(seeded).toEqual({ seeded: false })
  })
})

describe('a document that cannot be read', () => {
  test('failed-load-never-serves-empty and clients-wait-for-load: nobody is in step before it can', async () => {
    const storage = createBreakableStorage()
    const first = await startServer({ storage })
    const writer = await openDocument('Hocuspocus 4', first.url, 'notes')
    writer.text.insert(0, 'the text')
    await until('it is saved', () => writer.saved === true)
    writer.close()
    await first.close()
    storage.unreadable = true
    const { url } = await startServer({ storage })
    const readers = await Promise.all(
      (['y-websocket 3.1', 'Hocuspocus 4'] as const).map((family) =>
        openDocument(family, url, 'notes', { impatient: true }),
      ),
    )
    readers[0]?.text.insert(0, 'meanwhile: ')
    await until('the server is not ready', async () => (await ask(`${url}/readyz`)).status === 503)
    expect(readers.map(({ synced }) => synced)).toEqual([false, false])
    storage.unreadable = false
    await until('both have all of it', () =>
      readers.every(
        ({ text }) =>
          text.toString() === 'meanwhile: the text' || text.toString() === 'the textmeanwhile: ',
      ),
    )
    await until('the server is ready', async () => (await ask(`${url}/readyz`)).status === 200)
  })
})

describe('memory and disk', () => {
  test('idle-document-unloads: a document that nobody has open is let go, and comes back whole', async () => {
    const { url } = await startServer()
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    writer.text.insert(0, 'hello')
    await until('it is saved', () => writer.saved === true)
    writer.close()
    await until(
      'it is let go',
      async () => /^rusher_documents 0$/m.test(await metricsOf(url)),
      30_000,
    )
    const reader = await openDocument('y-websocket 3.1', url, 'notes')
    expect(reader.text.toString()).toBe('hello')
  }, 60_000)

  test('log-compacts: a log stays in proportion to its document, and the history is whole', async () => {
    const directory = temporaryDirectory()
    const { url } = await serve({ directory })
    const writer = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ann' })
    for (let index = 0; index < 400; index += 1) {
      writer.text.insert(writer.text.length, `${index} ${'words '.repeat(60)}`)
      if (index % 3 === 2) writer.text.delete(0, 300)
    }
    await until('it is saved', () => writer.saved === true, 30_000)
    await until('it was compacted', async () =>
      (await metricsOf(url)).includes('rusher_document_compactions_total{result="ok"}'),
    )
    const reader = await openDocument('y-websocket 3.1', url, 'notes')
    expect(reader.text.toString()).toBe(writer.text.toString())
    const { body } = await ask(`${url}/docs/notes/versions`)
    const { versions } = body as { versions: { people: { id: string; edits: number }[] }[] }
    const edits = versions.flatMap(({ people }) => people).reduce((sum, one) => sum + one.edits, 0)
    expect(edits).toBeGreaterThan(500)
  }, 60_000)

  test('a snapshot that comes back otherwise than it was written takes nothing away', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    storage.bending = true
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    for (let index = 0; index < 30; index += 1) writer.text.insert(0, 'words '.repeat(500))
    await until('it is saved', () => writer.saved === true, 30_000)
    await until('the compaction was given up', async () =>
      (await metricsOf(url)).includes('rusher_document_compactions_total{result="failed"}'),
    )
    expect((await storage.open('doc:notes')).begin).toBe(1)
    const reader = await openDocument('y-websocket 3.1', url, 'notes')
    expect(reader.text.toString()).toBe(writer.text.toString())
    expect(Y.encodeStateVector(reader.doc).length).toBeGreaterThan(1)
  }, 60_000)
})

describe.each(shapes)('a database that has vanished, $shape', ({ edges }) => {
  test('changes are refused at once with the reason, and nothing is acknowledged', async () => {
    const directory = temporaryDirectory()
    const { url } = await serve({ directory, edges, storage: `sqlite:${directory}/r.db` })
    const writer = await openDocument('Hocuspocus 4', url, 'notes')
    writer.text.insert(0, 'kept')
    await until('it is saved', () => writer.saved === true)
    rmSync(join(directory, 'r.db'))
    // Until the server has noticed, what it is asked may be written into the file that is gone.
    await until('the server has noticed', async () => (await ask(`${url}/readyz`)).status === 503)
    writer.text.insert(0, 'not ')
    const gone = {
      error: { code: 'UNAVAILABLE', message: expect.stringContaining('r.db is gone') },
    }
    for (const name of ['notes', 'other']) {
      const put = await fetch(`${url}/docs/${name}/text?field=t`, { method: 'PUT', body: 'x' })
      expect(put.status).toBe(503)
      expect(await put.json()).toEqual(gone)
    }
    const deleted = await ask(`${url}/docs/notes`, 'DELETE')
    expect([deleted.status, deleted.body]).toEqual([503, gone])
    expect(writer.saved).toBe(false)
    const notSaved = /document_updates_unsaved(\{[^}]*\})? 0\n/
    await until('nothing waits', async () => notSaved.test(await metricsOf(url)))
    expect(writer.saved).toBe(false)
  }, 60_000)
})
