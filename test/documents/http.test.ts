import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

const paragraph = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] })
const doc = (...content: readonly object[]) => ({ type: 'doc', content })

interface Versions {
  readonly versions: readonly {
    readonly id: number
    readonly people: readonly {
      readonly id: string
      readonly name?: string
      readonly edits: number
    }[]
  }[]
}

describe.each(shapes)('a backend, $shape', ({ edges }) => {
  test('concurrent-seed-one-copy: however many seed at once, the content is there once', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const reader = await openDocument('Hocuspocus 4', url, 'notes')
    const seeds = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask(`${url}/docs/notes/seed/json`, 'POST', doc(paragraph('once'))),
      ),
    )
    expect(seeds.filter(({ body }) => (body as { seeded: boolean }).seeded)).toHaveLength(1)
    await until('it arrives', () => reader.doc.getXmlFragment('default').length > 0)
    expect(reader.doc.getXmlFragment('default').toString()).toBe('<paragraph>once</paragraph>')
    const again = await ask(`${url}/docs/notes/seed/text`, 'POST', 'another')
    expect(again.body).toEqual({ seeded: false })
  })

  test('reads and writes a document as ProseMirror JSON, changing what differs and nothing else', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const editor = await openDocument('y-websocket 3.1', url, 'notes')
    const bold = { type: 'text', text: 'bold', marks: [{ type: 'bold' }] }
    const content = doc(
      { type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'Title' }] },
      { type: 'paragraph', content: [{ type: 'text', text: 'plain ' }, bold] },
    )
    expect((await ask(`${url}/docs/notes/json`, 'PUT', content)).body).toEqual({ changed: true })
    await until('the editor has it', () => editor.doc.getXmlFragment('default').length === 2)
    const second = editor.doc.getXmlFragment('default').get(1)
    const { body } = await ask(`${url}/docs/notes/json`)
    expect(JSON.parse(JSON.stringify(body).replaceAll(',"attrs":{}', ''))).toEqual(content)
    expect((await ask(`${url}/docs/notes/json`, 'PUT', content)).body).toEqual({ changed: false })
    const [, rest] = content.content
    await ask(`${url}/docs/notes/json`, 'PUT', doc(paragraph('new'), rest ?? {}))
    await until('the editor sees it', () =>
      editor.doc.getXmlFragment('default').toString().includes('new'),
    )
    expect(editor.doc.getXmlFragment('default').get(1)).toBe(second)
  })

  test('reads and writes plain text and the raw update', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const editor = await openDocument('Hocuspocus 3', url, 'notes')
    editor.text.insert(0, 'hello world')
    await until('it is saved', () => editor.saved === true)
    const address = `${url}/docs/notes/text?field=t`
    expect(await (await fetch(address)).text()).toBe('hello world')
    await fetch(address, { method: 'PUT', body: 'hello brave world' })
    await until('the editor has it', () => editor.text.toString() === 'hello brave world')
    const copy = new Y.Doc()
    Y.applyUpdate(
      copy,
      new Uint8Array(await (await fetch(`${url}/docs/notes/update`)).arrayBuffer()),
    )
    expect(copy.getText('t').toString()).toBe('hello brave world')
    const before = Y.encodeStateVector(copy)
    copy.getText('t').insert(0, '> ')
    const update = Buffer.from(Y.encodeStateAsUpdate(copy, before))
    const sent = await fetch(`${url}/docs/notes/update`, { method: 'POST', body: update })
    expect(await sent.json()).toEqual({ changed: true })
    await until('the editor has that', () => editor.text.toString() === '> hello brave world')
  })

  test('shows who wrote when, restores a version and takes back what one author did, for everybody at once', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const ann = await openDocument('Hocuspocus 4', url, 'notes', { user: 'ann' })
    ann.text.insert(0, 'written by ann. ')
    ann.doc.getMap('m').set('title', 'first')
    await until('it is saved', () => ann.saved === true)
    const [first] = ((await ask(`${url}/docs/notes/versions`)).body as Versions).versions
    const mallory = await openDocument('Hocuspocus 4', url, 'notes', { user: 'mallory' })
    mallory.text.delete(0, 8)
    mallory.text.insert(0, 'SPOILT ')
    mallory.doc.getMap('m').set('title', 'second')
    await until('it is saved', () => mallory.saved === true)
    await until('ann has it', () => ann.text.toString().startsWith('SPOILT'))
    ann.text.insert(ann.text.length, 'And more.')
    await until('it is saved', () => ann.saved === true)
    const { versions } = (await ask(`${url}/docs/notes/versions`)).body as Versions
    const people = new Set(versions.flatMap((one) => one.people.map(({ id }) => id)))
    expect([...people].sort()).toEqual(['ann', 'mallory'])

    const removed = await ask(`${url}/docs/notes/remove-author`, 'POST', { user: 'mallory' })
    expect(removed.body).toEqual({ changed: true })
    await until('what she did is gone', () => ann.text.toString() === 'written by ann. And more.')

    const then = await fetch(`${url}/docs/notes/versions/${first?.id}/text?field=t`)
    expect(await then.text()).toBe('written by ann. ')
    const restored = await ask(`${url}/docs/notes/versions/${first?.id}/restore`, 'POST')
    expect(restored.body).toEqual({ restored: true })
    await until('it is as it was then', () =>
      [ann, mallory].every(({ text }) => text.toString() === 'written by ann. '),
    )
    expect(ann.doc.getMap('m').get('title')).toBe('first')
    const missing = await ask(`${url}/docs/notes/versions/999999/restore`, 'POST')
    expect(missing).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
  })
})

describe('what a backend gets wrong', () => {
  test.each([
    ['GET', '/docs/a/nothing', undefined, 404, 'NOT_FOUND'],
    ['GET', '/docs/%20/json', undefined, 404, 'NOT_FOUND'],
    ['GET', '/docs/%E0%A4%A/json', undefined, 404, 'NOT_FOUND'],
    ['DELETE', '/docs/a/json', undefined, 405, 'METHOD'],
    ['POST', '/docs/a/versions', undefined, 405, 'METHOD'],
    ['PUT', '/docs/a/json', '{', 400, 'BAD_JSON'],
    ['PUT', '/docs/a/json', '[]', 422, 'BAD_CONTENT'],
    ['PUT', '/docs/a/json', '{"type":"doc","content":[{"type":"text"}]}', 422, 'BAD_CONTENT'],
    [
      'PUT',
      '/docs/a/json',
      `{"type":"doc","content":${'['.repeat(200)}${']'.repeat(200)}}`,
      422,
      'BAD_CONTENT',
    ],
    ['POST', '/docs/a/update', 'no update', 422, 'BAD_UPDATE'],
    ['POST', '/docs/a/remove-author', '{}', 400, 'BAD_BODY'],
    ['GET', '/docs/a/versions/5/json', undefined, 404, 'NOT_FOUND'],
  ] as const)('%s %s %s is answered with %i', async (method, path, body, status, code) => {
    const { url } = await startServer()
    const answer = await fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { body }) })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({
      error: { code, message: expect.stringMatching(/\w{4}/) },
    })
  })

  test('a body that is too large, a page of another origin, and whoever has no right', async () => {
    const permit = `(identity, channel, act) => act === 'read' || identity.user.id === 'ada'`
    const config = `{ auth: { secret: '${secret}' }, permit: ${permit}, limits: { documentBytesMax: 1000 } }`
    const { url } = await serve({ directory: temporaryDirectory(), config })
    const bearer = async (user: string) => ({
      Authorization: `Bearer ${await signToken({ user })}`,
    })
    const put = async (headers: Record<string, string>, text: string) =>
      (await fetch(`${url}/docs/a/text`, { method: 'PUT', headers, body: text })).status
    expect(await put(await bearer('ada'), 'small')).toBe(200)
    expect(await put(await bearer('ada'), 'x'.repeat(140_000))).toBe(413)
    expect(await put({ ...(await bearer('ada')), Origin: 'https://evil.example' }, 'x')).toBe(403)
    expect(await put(await bearer('eve'), 'x')).toBe(403)
    expect(await put({}, 'x')).toBe(401)
    const read = await fetch(`${url}/docs/a/text`, { headers: await bearer('eve') })
    expect([read.status, await read.text()]).toEqual([200, 'small'])
  })
})

describe('unknown-schema-nodes-survive', () => {
  const content = doc(
    paragraph('known'),
    { type: 'callout', attrs: { tone: 'warm' }, content: [paragraph('inside')] },
    { type: 'paragraph', content: [{ type: 'text', text: 'marked', marks: [{ type: 'glow' }] }] },
  )

  test('what an old editor cannot show stays when it deletes it, the rest of what it does is done, and it is told', async () => {
    const { url } = await startServer()
    await ask(`${url}/docs/notes/seed/json`, 'POST', content)
    const params = { nodes: 'doc,paragraph,text', marks: 'bold' }
    const old = await openDocument('Hocuspocus 4', url, 'notes', { params })
    const current = await openDocument('y-websocket 3.1', url, 'notes')
    const fragment = old.doc.getXmlFragment('default')
    // What y-prosemirror does with a node or a mark that its schema does not have.
    old.doc.transact(() => {
      const text = fragment.get(2)
      if (text instanceof Y.XmlElement) text.delete(0, 1)
      fragment.delete(1, 1)
      const first = fragment.get(0)
      if (first instanceof Y.XmlElement && first.get(0) instanceof Y.XmlText) {
        ;(first.get(0) as Y.XmlText).insert(0, 'still ')
      }
    })
    await until('its own edit arrives', () =>
      current.doc.getXmlFragment('default').toString().includes('still known'),
    )
    expect(current.doc.getXmlFragment('default').toString()).toContain('<callout tone="warm">')
    expect(current.doc.getXmlFragment('default').toString()).toContain('marked')
    await until('it is told', () => old.statelesses.some((text) => text.includes('"kept"')))
    await until('it is saved', () => old.saved === true)
    // And again when it comes back with all that it deleted.
    old.disconnect()
    old.connect()
    await until('it is in step again', () => old.synced && old.saved === true)
    expect(current.doc.getXmlFragment('default').toString()).toContain('callout')
  })

  test('an editor that knows them deletes them', async () => {
    const { url } = await startServer()
    await ask(`${url}/docs/notes/seed/json`, 'POST', content)
    const params = { nodes: 'doc,paragraph,text,callout', marks: 'glow' }
    const editor = await openDocument('Hocuspocus 4', url, 'notes', { params })
    editor.doc.getXmlFragment('default').delete(1, 2)
    await until('it is saved', () => editor.saved === true)
    const { body } = await ask(`${url}/docs/notes/json`)
    expect(body).toEqual(doc(paragraph('known')))
  })
})
