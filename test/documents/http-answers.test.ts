import { expect, test } from 'vitest'
import { ask } from './parts/ask.ts'
import { startServer } from './parts/own-server.ts'

test('a precondition that does not hold is refused with the one that was sent', async () => {
  const { url } = await startServer()
  const address = `${url}/docs/a/text?field=t`
  const put = (headers: Readonly<Record<string, string>>) =>
    ask(address, 'PUT', 'text', headers) as Promise<{ status: number; body: unknown }>
  const refused = (message: RegExp) => ({
    status: 412,
    body: { error: { code: 'PRECONDITION_FAILED', message: expect.stringMatching(message) } },
  })
  expect(await put({ 'If-Match': '*' })).toMatchObject(refused(/there is no such document/))
  expect(await put({})).toMatchObject({ status: 200 })
  expect(await put({ 'If-None-Match': '*' })).toMatchObject(refused(/the document exists/))
  expect(await put({ 'If-Match': '"other"' })).toMatchObject(refused(/the document has changed/))
})

test('a parameter of the wrong form is 400, and named', async () => {
  const { url } = await startServer()
  for (const [path, name] of [
    ['/a/json?kind=foo', 'kind'],
    [`/a/json?field=${'x'.repeat(200)}`, 'field'],
    ['/?limit=no', 'limit'],
  ] as const) {
    expect(await ask(`${url}/docs${path}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_PARAMETER', message: expect.stringContaining(`\`${name}\``) } },
    })
  }
})

test('JSON of a map or a list for an empty root is refused with the kinds to give', async () => {
  const { url } = await startServer()
  for (const content of [{ a: 1 }, [1, 2]]) {
    expect(await ask(`${url}/docs/a/json?field=m`, 'PUT', content)).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining('kind=map or kind=array') } },
    })
  }
  const given = `${url}/docs/a/json?field=m&kind=map`
  expect(await ask(given, 'PUT', { a: 1 })).toMatchObject({ status: 200 })
})

test('a write that the schema corrected says how many corrections were made', async () => {
  const { url, documents } = await startServer()
  const doc = { type: 'doc', content: [{ type: 'heading', attrs: { level: 99 } }] }
  expect(await ask(`${url}/docs/a/json`, 'PUT', doc)).toEqual({
    status: 200,
    body: { changed: true, corrected: expect.any(Number) },
  })
  expect(await documents.writeJson('b', doc)).toMatchObject({ corrected: expect.any(Number) })
  expect(await ask(`${url}/docs/c/json`, 'PUT', { type: 'doc', content: [] })).toMatchObject({
    body: { changed: expect.any(Boolean) },
  })
})

test('HEAD answers as GET does, without the body', async () => {
  const { url } = await startServer()
  await ask(`${url}/docs/a/json?field=m&kind=map`, 'PUT', { a: 1 })
  for (const path of ['/', '/a', '/a/json?field=m', '/a/update', '/a/versions']) {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => fetch(`${url}/docs${path}`, { method })),
    )
    expect(head?.status).toBe(200)
    for (const name of ['etag', 'content-type', 'content-length']) {
      expect(head?.headers.get(name)).toBe(get?.headers.get(name))
    }
    expect(await head?.text()).toBe('')
  }
  const wrong = await fetch(`${url}/docs/a/json`, { method: 'DELETE' })
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT'])
})

test('Markdown that is nested too deep is 422 at once', async () => {
  const { url } = await startServer()
  const body = `${'> '.repeat(5_000)}a`
  const response = await fetch(`${url}/docs/a/markdown`, { method: 'PUT', body })
  expect([response.status, await response.json()]).toEqual([
    422,
    { error: { code: 'BAD_CONTENT', message: 'the Markdown is nested deeper than 64 levels' } },
  ])
})

test('a text of 5 MB without a line break is written', async () => {
  const { url } = await startServer({ limits: { documentBytesMax: 8 * 2 ** 20 } })
  const address = `${url}/docs/a/text?field=text`
  const body = 'x'.repeat(5_000_000)
  expect(await (await fetch(address, { method: 'PUT', body })).json()).toEqual({ changed: true })
  expect((await (await fetch(address)).text()).length).toBe(5_000_000)
})

test('the embedding program is told what is wrong with its arguments', async () => {
  const { documents } = await startServer()
  const wrong = documents as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  for (const [code, method, ...given] of [
    ['BAD_CONTENT', 'writeText', 'n', 5],
    ['BAD_CONTENT', 'writeMarkdown', 'n', null],
    ['BAD_CONTENT', 'writeJson', 'n', cyclic],
    ['BAD_CONTENT', 'writeJson', 'n', undefined],
    ['BAD_UPDATE', 'writeUpdate', 'n', 'text'],
    ['BAD_NAME', 'readText', 5],
    ['BAD_ARGUMENT', 'writeJson', 'n', {}, { kind: 'foo' }],
  ] as const) {
    await expect(wrong[method]?.(...given)).rejects.toMatchObject({ code })
  }
  await documents.writeJson('n', [1], { field: 'list', kind: 'array' })
  expect(await documents.readJson('n', { field: 'list' })).toMatchObject({ json: [1] })
})
