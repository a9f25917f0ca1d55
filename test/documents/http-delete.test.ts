import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { families, type Opened, openDocument } from './parts/providers.ts'

async function textOf(url: string, name = 'notes'): Promise<string> {
  return (await fetch(`${url}/docs/${name}/text?field=t`)).text()
}

/** PermissionDenied has no code: a page must not take a deletion for a withdrawn right. */
function expectToldOfDeletion({ family, statelesses }: Opened): void {
  if (family.startsWith('y-websocket')) return
  expect(statelesses.map((text) => JSON.parse(text))).toEqual([
    expect.objectContaining({ kind: 'refused', code: 'DELETED', permanent: true }),
  ])
}

describe.each(shapes)('a document that is deleted, $shape', ({ edges }) => {
  test.each(families)('is gone, %s is sent away, and does not bring it back', async (family) => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const editor = await openDocument(family, url, 'notes')
    editor.text.insert(0, 'secret')
    await until('it is there', async () => (await textOf(url)) === 'secret')
    const before = await fetch(`${url}/docs/notes/text?field=t`)
    const deleted = await ask(`${url}/docs/notes`, 'DELETE')
    expect(deleted).toEqual({ status: 200, body: { deleted: true } })
    const isAway = (): boolean =>
      family.startsWith('y-websocket') ? editor.codes.includes(4410) : editor.refusals.length > 0
    await until('it is sent away', isAway)
    expectToldOfDeletion(editor)
    expect(await textOf(url)).toBe('')
    expect((await ask(`${url}/docs/notes`)).status).toBe(404)
    expect((await ask(`${url}/docs/notes/versions`)).body).toEqual({ versions: [] })
    const after = await fetch(`${url}/docs/notes/text?field=t`)
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'))

    // A client that still has it reconnects, and another one starts fresh.
    const back = await openDocument(family, url, 'notes', { doc: editor.doc, impatient: true })
    await until('it is refused', () =>
      family.startsWith('y-websocket') ? back.codes.includes(4410) : back.refusals.length > 0,
    )
    expectToldOfDeletion(back)
    expect(await textOf(url)).toBe('')
    const fresh = await openDocument(family, url, 'notes')
    fresh.text.insert(0, 'a new one')
    await until('that is there', async () => (await textOf(url)) === 'a new one')
    expect((await ask(`${url}/docs/notes`)).body).toMatchObject({ roots: { t: 'text' } })

    // The copy of a client that was away must not be merged with the new document.
    const late = await openDocument(family, url, 'notes', { doc: editor.doc, impatient: true })
    await until('it is refused', () =>
      family.startsWith('y-websocket') ? late.codes.includes(4410) : late.refusals.length > 0,
    )
    expectToldOfDeletion(late)
    expect(editor.text.toString()).toBe('secret')
    expect(await textOf(url)).toBe('a new one')
  })
})

test('deleting what is not there is 404, and on a condition it is done or 412', async () => {
  const { url } = await startServer()
  expect((await ask(`${url}/docs/notes`, 'DELETE')).status).toBe(404)
  await ask(`${url}/docs/notes/seed/text`, 'POST', 'x')
  const { headers } = await fetch(`${url}/docs/notes`)
  const tag = headers.get('etag') ?? ''
  await ask(`${url}/docs/notes/text`, 'PUT', 'y')
  const late = await ask(`${url}/docs/notes`, 'DELETE', undefined, { 'If-Match': tag })
  expect(late).toMatchObject({ status: 412, body: { error: { code: 'PRECONDITION_FAILED' } } })
  expect((await ask(`${url}/docs/notes`, 'DELETE')).status).toBe(200)
  expect((await ask(`${url}/docs/notes`, 'DELETE')).status).toBe(404)
})

test('the same content can be seeded again, and stays apart from what was deleted', async () => {
  const { url } = await startServer()
  const clients = async (): Promise<readonly number[]> => {
    const update = new Uint8Array(await (await fetch(`${url}/docs/notes/update`)).arrayBuffer())
    return [...Y.decodeStateVector(Y.encodeStateVectorFromUpdate(update)).keys()]
  }
  const seen: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const seeded = await ask(`${url}/docs/notes/seed/text`, 'POST', 'again')
    expect(seeded.body).toEqual({ seeded: true })
    seen.push(...(await clients()))
    await ask(`${url}/docs/notes`, 'DELETE')
  }
  expect(new Set(seen).size).toBe(3)
})

test('nothing of it is in storage any more, and it stays deleted after a restart', async () => {
  const storage = createBreakableStorage()
  const first = await startServer({ storage })
  await ask(`${first.url}/docs/notes/text`, 'PUT', 'the secret')
  await ask(`${first.url}/docs/notes/text`, 'PUT', 'the other secret')
  await ask(`${first.url}/docs/notes`, 'DELETE')
  const kept = async (): Promise<string> => {
    const log = await storage.readAfter('doc:notes', 0, 100)
    const history = await storage.readAfter('doc-history:notes', 0, 100)
    const snapshot = await storage.readSnapshot('doc:notes')
    const payloads = [...log.events, ...history.events, snapshot].map((one) => one?.payload ?? '')
    return payloads.map((one) => Buffer.from(one).toString('latin1')).join('')
  }
  expect(await kept()).not.toContain('secret')
  await first.close()
  const second = await startServer({ storage })
  expect((await ask(`${second.url}/docs/notes`)).status).toBe(404)
  await fetch(`${second.url}/docs/notes/text`, { method: 'PUT', body: 'new' })
  expect(await (await fetch(`${second.url}/docs/notes/text`)).text()).toBe('new')
})

test('a deletion that was committed and not carried out is carried out when the document is opened', async () => {
  const storage = createBreakableStorage()
  const first = await startServer({ storage })
  await ask(`${first.url}/docs/notes/text`, 'PUT', 'the secret')
  const { compact } = storage
  storage.compact = () => Promise.reject(new Error('the test ended the server here'))
  await ask(`${first.url}/docs/notes`, 'DELETE')
  expect((await ask(`${first.url}/docs/notes`)).status).toBe(404)
  await first.close()
  storage.compact = compact
  expect((await storage.readAfter('doc:notes', 0, 10)).events).toHaveLength(2)
  const second = await startServer({ storage })
  expect((await ask(`${second.url}/docs/notes`)).status).toBe(404)
  expect((await storage.readAfter('doc:notes', 0, 10)).events).toHaveLength(0)
})
