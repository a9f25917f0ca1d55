import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { lexicalUpdate } from './parts/lexical-document.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

describe.each(shapes)('the roots of a document over HTTP, $shape', ({ edges }) => {
  test('are distinguished, read in their own format, and changed only where it differs', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const editor = await openDocument('Hocuspocus 4', url, 'board')
    const item = new Y.Map<unknown>([['title', 'first']])
    editor.doc.transact(() => {
      editor.doc.getArray('items').insert(0, [item])
      editor.doc.getMap('settings').set('theme', { dark: true })
      editor.text.insert(0, 'bold', { bold: true })
      editor.doc.getXmlFragment('default').insert(0, [new Y.XmlElement('paragraph')])
    })
    await until('it is saved', () => editor.saved === true)
    const about = await ask(`${url}/docs/board`)
    expect(about).toMatchObject({
      status: 200,
      body: {
        roots: { default: 'prosemirror', items: 'array', settings: 'map', t: 'text' },
        bytes: expect.any(Number),
      },
    })
    const items = `${url}/docs/board/json?field=items`
    expect((await ask(items)).body).toEqual([{ title: 'first' }])
    expect((await ask(items, 'PUT', [{ title: 'first' }])).body).toEqual({ changed: false })
    await ask(items, 'PUT', [{ title: 'first, changed' }, { title: 'second' }])
    await until('the editor has it', () => editor.doc.getArray('items').length === 2)
    expect(editor.doc.getArray('items').get(0)).toBe(item)
    expect(item.get('title')).toBe('first, changed')
    expect((await ask(`${url}/docs/board/json?field=settings`)).body).toEqual({
      theme: { dark: true },
    })
    const delta = `${url}/docs/board/delta?field=t`
    const ops = [{ insert: 'bold', attributes: { bold: true } }]
    expect((await ask(delta)).body).toEqual({ ops })
    await ask(delta, 'PUT', { ops: [...ops, { insert: ' and plain' }] })
    await until('the editor has that', () => editor.text.length === 14)
    expect(editor.text.toDelta()).toEqual([...ops, { insert: ' and plain' }])
  })
})

test('what a form cannot express is 415 with its name, and nothing is written', async () => {
  const { url } = await startServer()
  await fetch(`${url}/docs/lexical/update`, { method: 'POST', body: Buffer.from(lexicalUpdate) })
  expect((await ask(`${url}/docs/lexical`)).body).toMatchObject({ roots: { root: 'lexical' } })
  expect((await ask(`${url}/docs/lexical/json?field=root`)).body).toMatchObject({
    root: { children: [{ type: 'heading' }, {}, {}, {}] },
  })
  const document = { type: 'doc', content: [{ type: 'paragraph' }] }
  for (const [method, path, body] of [
    ['GET', 'text?field=root', undefined],
    ['GET', 'markdown?field=root', undefined],
    ['PUT', 'json?field=root', document],
    ['PUT', 'delta?field=root', [{ insert: 'x' }]],
  ] as const) {
    expect(await ask(`${url}/docs/lexical/${path}`, method, body)).toEqual({
      status: 415,
      body: {
        error: {
          code: 'UNSUPPORTED_CONTENT',
          message: expect.stringContaining('a Lexical document'),
        },
      },
    })
  }
  const now = new Uint8Array(await (await fetch(`${url}/docs/lexical/update`)).arrayBuffer())
  expect(Y.encodeStateVectorFromUpdate(now)).toEqual(Y.encodeStateVectorFromUpdate(lexicalUpdate))
})

test('a map is only made in an empty root that is asked to be one', async () => {
  const { url } = await startServer()
  const address = `${url}/docs/a/json?field=data`
  expect((await ask(address, 'PUT', { a: 1 })).status).toBe(422)
  expect((await ask(`${address}&kind=map`, 'PUT', { a: { b: [1] } })).body).toEqual({
    changed: true,
  })
  expect((await ask(address)).body).toEqual({ a: { b: [1] } })
  expect((await ask(`${address}&kind=array`, 'PUT', [])).status).toBe(415)
  expect((await ask(`${address}&kind=nothing`)).status).toBe(400)
})

test('text over a document with more than text changes what it can, and refuses the rest', async () => {
  const { url } = await startServer()
  const heading = { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: 'One' }] }
  const image = { type: 'image', attrs: { src: 'a.png' } }
  const paragraph = { type: 'paragraph', content: [{ type: 'text', text: 'two ' }, image] }
  await ask(`${url}/docs/a/json`, 'PUT', { type: 'doc', content: [heading, paragraph] })
  const put = async (text: string): Promise<number> =>
    (await fetch(`${url}/docs/a/text`, { method: 'PUT', body: text })).status
  expect(await put('One changed\ntwo or three')).toBe(200)
  expect((await ask(`${url}/docs/a/json`)).body).toEqual({
    type: 'doc',
    content: [
      { ...heading, content: [{ type: 'text', text: 'One changed' }] },
      { ...paragraph, content: [{ type: 'text', text: 'two or three' }, image] },
    ],
  })
  expect(await put('all in one line')).toBe(409)
})
