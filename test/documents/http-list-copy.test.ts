import { describe, expect, test } from 'vitest'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { createBreakableStorage, startServer } from './parts/own-server.ts'
import { openDocument } from './parts/providers.ts'

interface Listed {
  readonly documents: readonly { readonly name: string; readonly etag: string }[]
  readonly next?: string
}

/** All pages of a list, and how many they were. */
async function listAll(
  url: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly names: readonly string[]; readonly pages: number }> {
  const names: string[] = []
  for (let after = '', pages = 1; ; pages += 1) {
    const { body } = await ask(
      `${url}/docs?${query}&after=${encodeURIComponent(after)}`,
      'GET',
      undefined,
      headers,
    )
    const { documents, next } = body as Listed
    names.push(...documents.map(({ name }) => name))
    if (next === undefined) return { names, pages }
    after = next
  }
}

describe.each(shapes)('documents, $shape', ({ edges }) => {
  test('are listed by prefix, in pages, without those that are deleted', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const names = ['a', 'team', 'team/1', 'team/2', 'team/3', 'team/ä', 'team0', 'z']
    for (const name of names) {
      await ask(`${url}/docs/${encodeURIComponent(name)}/seed/text`, 'POST', name)
    }
    await ask(`${url}/docs/${encodeURIComponent('team/2')}`, 'DELETE')
    expect((await listAll(url, 'prefix=')).names).toEqual(names.filter((name) => name !== 'team/2'))
    expect(await listAll(url, 'prefix=team/&limit=2')).toEqual({
      names: ['team/1', 'team/3', 'team/ä'],
      pages: 2,
    })
    expect((await listAll(url, 'prefix=team')).names).toEqual([
      'team',
      'team/1',
      'team/3',
      'team/ä',
      'team0',
    ])
    expect((await listAll(url, 'prefix=none')).names).toEqual([])
    const { documents } = (await ask(`${url}/docs?prefix=z`)).body as Listed
    expect(documents[0]?.etag).toBe((await fetch(`${url}/docs/z`)).headers.get('etag'))
    expect((await ask(`${url}/docs?limit=0`)).status).toBe(400)
  })

  test('are copied whole to where nothing is, and elsewhere only where that is asked for', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const editor = await openDocument('Hocuspocus 4', url, 'template')
    editor.text.insert(0, 'content')
    editor.doc.getMap('m').set('a', 1)
    await until('it is saved', () => editor.saved === true)
    const copy = (to: string, more: object = {}) =>
      ask(`${url}/docs/template/copy`, 'POST', { to, ...more })
    expect(await copy('one')).toEqual({ status: 200, body: { copied: true } })
    const text = async (name: string): Promise<string> =>
      (await fetch(`${url}/docs/${name}/text?field=t`)).text()
    expect(await text('one')).toBe('content')
    expect((await ask(`${url}/docs/one/json?field=m`)).body).toEqual({ a: 1 })
    editor.text.insert(0, 'more ')
    await until('it is saved', () => editor.saved === true)
    expect(await text('one')).toBe('content')
    expect(await copy('one')).toMatchObject({ status: 409, body: { error: { code: 'EXISTS' } } })
    const open = await openDocument('Hocuspocus 4', url, 'one')
    expect((await copy('one', { replace: true })).body).toEqual({ copied: true })
    await until('who had it open is sent away', () => open.refusals.length > 0)
    expect(await text('one')).toBe('more content')
    expect((await copy('template', { replace: true })).status).toBe(409)
    expect((await copy('')).status).toBe(400)
    expect((await ask(`${url}/docs/nothing/copy`, 'POST', { to: 'x' })).status).toBe(404)
  })
})

describe.each(shapes)('the preconditions of a copy are about its target, $shape', ({ edges }) => {
  test('a copy with one that does not hold gets 412, and the target stays', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    for (const name of ['from', 'to']) await ask(`${url}/docs/${name}/seed/text`, 'POST', name)
    const copy = (body: object, headers: Readonly<Record<string, string>>) =>
      fetch(`${url}/docs/from/copy`, { method: 'POST', body: JSON.stringify(body), headers })
    const text = async (name: string) => (await fetch(`${url}/docs/${name}/text`)).text()
    const before = await text('to')
    const etagOf = async (name: string) => (await fetch(`${url}/docs/${name}`)).headers.get('etag')
    const onto = { to: 'to', replace: true }
    const refused = [
      await copy(onto, { 'If-Match': '"another"' }),
      await copy(onto, { 'If-None-Match': '*' }),
      await copy({ to: 'to' }, { 'If-None-Match': '*' }),
      await copy({ to: 'new', replace: true }, { 'If-Match': '*' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([412, 412, 412, 412])
    expect(await text('to')).toBe(before)
    const replaced = await copy(onto, { 'If-Match': String(await etagOf('to')) })
    expect(replaced.status).toBe(200)
    expect(replaced.headers.get('etag')).toBe(await etagOf('to'))
    expect(await text('to')).toBe(await text('from'))
    expect((await copy({ to: 'new' }, { 'If-None-Match': '*' })).status).toBe(200)
  })

  test('a seed takes If-None-Match: * as what it means, and no other', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const seed = (headers: Readonly<Record<string, string>>) =>
      fetch(`${url}/docs/s/seed/text`, { method: 'POST', body: 'one', headers })
    expect(await (await seed({ 'If-None-Match': '*' })).json()).toEqual({ seeded: true })
    expect(await (await seed({ 'If-None-Match': '*' })).json()).toEqual({ seeded: false })
    expect((await seed({ 'If-Match': '*' })).status).toBe(400)
  })
})

test('a copy that cannot be written leaves the target that it was to replace', async () => {
  const storage = createBreakableStorage()
  const large = await startServer({ storage })
  await large.documents.writeText('from', 'x'.repeat(300_000))
  await large.documents.writeText('to', 'kept')
  await large.close()
  const { documents } = await startServer({ storage, limits: { documentBytesMax: 200_000 } })
  const copied = documents.copy('from', 'to', { replace: true })
  await expect(copied).rejects.toMatchObject({ code: 'DOCUMENT_FULL' })
  await expect(
    documents.copy('from', 'to', { replace: true, ifMatch: 'another' }),
  ).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  expect(await documents.readText('to')).toMatchObject({ text: 'kept' })
})

test('only what somebody may read is listed, and copied to where it may write', async () => {
  const permit = `(identity, channel, act) => channel.includes(identity.user.id) || (act === 'read' && channel.includes('public'))`
  const config = `{ auth: { secret: '${secret}' }, permit: ${permit} }`
  const { url } = await serve({ directory: temporaryDirectory(), config })
  const bearer = async (user: string) => ({ Authorization: `Bearer ${await signToken({ user })}` })
  const [ada, eve] = await Promise.all([bearer('ada'), bearer('eve')])
  for (const [name, who] of [
    ['ada-1', ada],
    ['ada-public', ada],
    ['eve-1', eve],
    ['eve-2', eve],
  ] as const) {
    await ask(`${url}/docs/${name}/seed/text`, 'POST', name, who)
  }
  expect((await listAll(url, 'prefix=', ada)).names).toEqual(['ada-1', 'ada-public'])
  expect((await listAll(url, 'limit=1', eve)).names).toEqual(['ada-public', 'eve-1', 'eve-2'])
  expect((await ask(`${url}/docs`)).status).toBe(401)
  const copy = async (from: string, to: string) =>
    (await ask(`${url}/docs/${from}/copy`, 'POST', { to }, eve)).status
  expect(await copy('ada-public', 'eve-3')).toBe(200)
  expect(await copy('ada-public', 'ada-2')).toBe(403)
  expect(await copy('ada-1', 'eve-4')).toBe(403)
  expect((await ask(`${url}/docs/ada-public`, 'DELETE', undefined, eve)).status).toBe(403)
})
