import { describe, expect, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask, metricsOf } from './parts/ask.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

async function etagOf(address: string): Promise<string> {
  return (await fetch(address)).headers.get('etag') ?? ''
}

async function put(
  address: string,
  text: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly etag: string | null }> {
  const response = await fetch(address, { method: 'PUT', body: text, headers })
  return { status: response.status, etag: response.headers.get('etag') }
}

test.each(shapes)(
  'a tag stays through equal reads and a restart, and changes with every change, $shape',
  async ({ edges }) => {
    const directory = temporaryDirectory()
    const first = await serve({ directory, edges })
    const paths = ['text?field=t', 'json', 'update', 'versions', ''].map((path) =>
      path === '' ? 'notes' : `notes/${path}`,
    )
    const tags = async (url: string): Promise<readonly string[]> =>
      Promise.all(paths.map((path) => etagOf(`${url}/docs/${path}`)))
    await put(`${first.url}/docs/notes/text?field=t`, 'one', {})
    const one = await tags(first.url)
    expect(one).toEqual(one.map(() => expect.stringMatching(/^"[^"]+"$/)))
    expect(await tags(first.url)).toEqual(one)
    first.signal('SIGTERM')
    await first.exited
    const second = await serve({ directory, edges })
    expect(await tags(second.url)).toEqual(one)
    const address = `${second.url}/docs/notes/text?field=t`
    const unchanged = await fetch(address, { headers: { 'If-None-Match': one[0] ?? '' } })
    expect([unchanged.status, await unchanged.text()]).toEqual([304, ''])
    const editor = await openDocument('Hocuspocus 4', second.url, 'notes')
    editor.text.insert(0, 'x')
    await until('it is saved', () => editor.saved === true)
    expect(await etagOf(address)).not.toBe(one[0])
    const changed = await fetch(address, { headers: { 'If-None-Match': `"other", ${one[0]}` } })
    expect([changed.status, await changed.text()]).toEqual([200, 'xone'])
  },
)

test('a tag stays through a compaction', async () => {
  const { url } = await startServer()
  const address = `${url}/docs/notes/text?field=t`
  // Twice what compaction begins at, of which nothing is live in the end.
  for (const letter of ['a', 'b', 'c']) await put(address, letter.repeat(40_000), {})
  await put(address, 'short', {})
  const tag = await etagOf(address)
  const compactions = async (): Promise<boolean> =>
    /document_compactions_total\{result="ok"\} [1-9]/.test(await metricsOf(url))
  await until('it was compacted', compactions)
  expect(await etagOf(address)).toBe(tag)
  expect((await put(address, 'shorter', { 'If-Match': tag })).status).toBe(200)
})

describe('a write that depends on a tag', () => {
  test('is done where nothing came between, tells the next tag, and is 412 anywhere else', async () => {
    const { url } = await startServer()
    const address = `${url}/docs/notes/text?field=t`
    await put(address, 'one', {})
    const one = await etagOf(address)
    const two = await put(address, 'two', { 'If-Match': one })
    expect(two).toEqual({ status: 200, etag: await etagOf(address) })
    expect((await put(address, 'three', { 'If-Match': one })).status).toBe(412)
    // Also where it would change nothing.
    expect((await put(address, 'two', { 'If-Match': one })).status).toBe(412)
    expect((await put(address, 'two', { 'If-Match': `"x", ${two.etag}` })).status).toBe(200)
    expect((await put(address, 'three', { 'If-Match': `W/${two.etag}` })).status).toBe(412)
    expect(await (await fetch(address)).text()).toBe('two')
    const restore = await fetch(`${url}/docs/notes/versions/1/restore`, {
      method: 'POST',
      headers: { 'If-Match': one },
    })
    expect(restore.status).toBe(412)
  })

  test('on existence is done once, of however many', async () => {
    const { url } = await startServer()
    const address = `${url}/docs/new/text?field=t`
    expect((await put(address, 'x', { 'If-Match': '*' })).status).toBe(412)
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((text) => put(address, text, { 'If-None-Match': '*' })),
    )
    expect(made.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
    expect((await put(address, 'x', { 'If-Match': '*' })).status).toBe(200)
  })

  test('lets nothing in between the check and its commit: of many with one tag one is done', async () => {
    const { url } = await startServer()
    const address = `${url}/docs/notes/text?field=t`
    await put(address, 'start', {})
    for (let round = 0; round < 5; round += 1) {
      const tag = await etagOf(address)
      const done = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          put(address, `${round} ${index}`, { 'If-Match': tag }),
        ),
      )
      expect(done.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(done.filter(({ status }) => status === 412)).toHaveLength(7)
    }
  })

  test('sees what is taken in and not on disk yet', async () => {
    const storage = createBreakableStorage()
    const { url } = await startServer({ storage })
    const address = `${url}/docs/notes/text?field=t`
    await put(address, 'one', {})
    const tag = await etagOf(address)
    const editor = await openDocument('Hocuspocus 4', url, 'notes')
    storage.held = true
    editor.text.insert(3, ' typed')
    const unsaved = async (): Promise<boolean> =>
      /^rusher_document_updates_unsaved [1-9]/m.test(await metricsOf(url))
    await until('it was taken in', unsaved)
    expect((await put(address, 'two', { 'If-Match': tag })).status).toBe(412)
    storage.held = false
    await until('it is saved', () => editor.saved === true)
    expect(await (await fetch(address)).text()).toBe('one typed')
  })

  test.each<Readonly<Record<string, string>>>([
    { 'If-Match': 'no-quotes' },
    { 'If-None-Match': '"tag"' },
    { 'If-Match': '*', 'If-None-Match': '*' },
  ])('that cannot be kept to is refused: %j', async (headers) => {
    const { url } = await startServer()
    expect((await put(`${url}/docs/a/text`, 'x', headers)).status).toBe(400)
    const seed = await ask(`${url}/docs/a/seed/text`, 'POST', 'x', { 'If-Match': '*' })
    expect(seed).toMatchObject({ status: 400, body: { error: { code: 'BAD_PRECONDITION' } } })
  })
})
