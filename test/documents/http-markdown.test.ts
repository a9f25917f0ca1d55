import { expect, test } from 'vitest'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

test('a document is read and written as Markdown, and an open editor sees only what changed', async () => {
  const { url } = await startServer()
  const editor = await openDocument('Hocuspocus 4', url, 'notes')
  const address = `${url}/docs/notes/markdown`
  const put = (body: string): Promise<Response> => fetch(address, { method: 'PUT', body })
  const source = '# Title\n\nSome **bold** text.\n\n- [x] done\n- [ ] to do\n'
  expect(await (await put(source)).json()).toEqual({ changed: true })
  const fragment = editor.doc.getXmlFragment('default')
  await until('the editor has it', () => fragment.length === 3)
  const [heading, paragraph] = fragment.toArray()
  const read = await fetch(address)
  expect(read.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
  expect(await read.text()).toBe(source)
  expect(await (await put(source)).json()).toEqual({ changed: false })
  await put(source.replace('Some', 'Some more'))
  await until('the editor has that', () => String(fragment.get(1)).includes('Some more'))
  expect(fragment.toArray().slice(0, 2)).toEqual([heading, paragraph])
  expect(fragment.get(0)).toBe(heading)
  expect(fragment.get(1)).toBe(paragraph)
})

test('a new document is seeded with Markdown', async () => {
  const { url } = await startServer()
  const seed = await fetch(`${url}/docs/a/seed/markdown`, { method: 'POST', body: '## Two' })
  expect(await seed.json()).toEqual({ seeded: true })
  expect((await ask(`${url}/docs/a/json`)).body).toEqual({
    type: 'doc',
    content: [{ type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'Two' }] }],
  })
})

test('what Markdown cannot express is 415, and stays', async () => {
  const { url } = await startServer()
  const callout = { type: 'callout', content: [{ type: 'paragraph' }] }
  await ask(`${url}/docs/a/json`, 'PUT', { type: 'doc', content: [callout] })
  expect(await ask(`${url}/docs/a/markdown`)).toMatchObject({
    status: 415,
    body: { error: { message: expect.stringContaining('callout') } },
  })
  const put = await fetch(`${url}/docs/a/markdown`, { method: 'PUT', body: '# All new' })
  expect(put.status).toBe(415)
  expect((await ask(`${url}/docs/a/json`)).body).toEqual({ type: 'doc', content: [callout] })
})
