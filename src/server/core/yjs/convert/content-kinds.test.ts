import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { lexicalUpdate } from '../../../../../test/documents/parts/lexical-document.ts'
import type { Json } from '../../../../protocol/index.ts'
import { outlineOf, readContent, writeContent } from '../content.ts'
import type { Content, ContentKind, ContentRefusal } from '../document-engine.ts'

function make(edit: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  doc.transact(() => edit(doc))
  return Y.encodeStateAsUpdate(doc)
}

async function read(update: Uint8Array, of: ContentKind): Promise<unknown> {
  const content: Content | ContentRefusal = await readContent([update], of)
  if ('json' in content) return content.json
  return 'text' in content ? content.text : content
}

/** The document after a write, or what the write was refused with. */
async function write(update: Uint8Array, content: Content): Promise<Y.Doc | ContentRefusal> {
  const made = await writeContent([update], content)
  if ('refusal' in made) return made
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  if (made.update !== undefined) Y.applyUpdate(doc, made.update)
  return doc
}

async function mustWrite(update: Uint8Array, content: Content): Promise<Y.Doc> {
  const doc = await write(update, content)
  if (!(doc instanceof Y.Doc)) throw new Error(doc.refusal)
  return doc
}

async function changes(update: Uint8Array, content: Content): Promise<boolean> {
  const made = await writeContent([update], content)
  if ('refusal' in made) throw new Error(made.refusal)
  return made.update !== undefined
}

const json = (field: string): ContentKind => ({ as: 'json', field })

const mixed = make((doc) => {
  doc.getMap('map').set('a', 1)
  doc.getArray('array').insert(0, [1, 'two'])
  doc.getText('text').insert(0, 'hello')
  doc.getText('formatted').insert(0, 'hello', { bold: true })
  doc.getXmlFragment('xml').insert(0, [new Y.XmlElement('paragraph')])
  doc.getXmlFragment('xml2').insert(0, [new Y.XmlText('bare')])
  const slate = doc.get('slate', Y.XmlText)
  const paragraph = new Y.XmlText('said')
  paragraph.setAttribute('type', 'paragraph')
  slate.insertEmbed(0, paragraph)
  doc.getText('gone').insert(0, 'x')
  doc.getText('gone').delete(0, 1)
  doc.getMap('emptied').set('a', 1)
  doc.getMap('emptied').delete('a')
  doc.getArray('subdocuments').insert(0, [new Y.Doc({ guid: 'sub' })])
  doc.getXmlFragment('hook').insert(0, [new Y.XmlHook('h') as unknown as Y.XmlElement])
})

test('the kind of each root shows in its content', () => {
  expect(outlineOf([mixed]).roots).toEqual({
    array: 'array',
    emptied: 'map',
    formatted: 'text',
    gone: 'empty',
    hook: 'other',
    map: 'map',
    slate: 'nested text',
    subdocuments: 'array',
    text: 'text',
    xml: 'prosemirror',
    xml2: 'prosemirror',
  })
  expect(outlineOf([lexicalUpdate]).roots).toEqual({ root: 'lexical' })
})

describe('what a form cannot express is refused with its name', () => {
  test.each<[ContentKind['as'], string, RegExp]>([
    ['text', 'map', /'map' contains a map/],
    ['text', 'array', /'array' contains an array/],
    ['delta', 'map', /'map' contains a map/],
    ['delta', 'xml', /'xml' contains a ProseMirror document/],
    ['markdown', 'text', /'text' contains a text/],
    ['json', 'slate', /'slate' contains texts nested in a text/],
    ['text', 'slate', /'slate' contains texts nested/],
    ['json', 'hook', /'hook' contains content of mixed types/],
    ['json', 'formatted', /'formatted' contains formatted text/],
  ])('reading as %s the root %s', async (as, field, refusal) => {
    expect(await readContent([mixed], { as, field })).toEqual({
      fault: 'UNSUPPORTED_CONTENT',
      refusal: expect.stringMatching(refusal),
    })
  })

  const doc: Json = { type: 'doc', content: [{ type: 'paragraph' }] }
  test.each<[Content]>([
    [{ as: 'json', field: 'slate', json: doc }],
    [{ as: 'json', field: 'hook', json: doc }],
    [{ as: 'json', field: 'formatted', json: doc }],
    [{ as: 'text', field: 'map', text: 'x' }],
    [{ as: 'text', field: 'array', text: 'x' }],
    [{ as: 'delta', field: 'xml', json: [{ insert: 'x' }] }],
    [{ as: 'markdown', field: 'map', text: 'x' }],
    [{ as: 'json', field: 'map', json: {}, kind: 'array' }],
  ])('writing %j', async (content) => {
    expect(await write(mixed, content)).toMatchObject({ fault: 'UNSUPPORTED_CONTENT' })
  })

  test('a document of one editor is not written over a map, an array or a Lexical document', async () => {
    expect(await write(mixed, { as: 'json', field: 'array', json: doc })).toMatchObject({
      fault: 'BAD_CONTENT',
      refusal: "'array' contains an array: send a list",
    })
    expect(await write(lexicalUpdate, { as: 'json', field: 'root', json: doc })).toMatchObject({
      fault: 'UNSUPPORTED_CONTENT',
    })
  })
})

describe('maps and arrays', () => {
  const update = make((doc) => {
    const map = doc.getMap('data')
    const items = new Y.Array()
    const one = new Y.Map()
    one.set('id', 1)
    one.set('title', new Y.Text('first title'))
    const two = new Y.Map()
    two.set('id', 2)
    items.insert(0, [one, two, 'plain'])
    map.set('items', items)
    map.set('settings', { theme: { dark: true } })
    map.set('bytes', new Uint8Array([1, 2]))
    map.set('big', 12n)
    map.set('nothing', null)
    map.set('undefined', undefined)
    map.set('sub', new Y.Doc({ guid: 'guid-1' }))
    const rich = new Y.Text()
    rich.insert(0, 'bold', { bold: true })
    rich.insertEmbed(4, { image: 'a.png' })
    map.set('rich', rich)
    const card = new Y.XmlFragment()
    card.insert(0, [new Y.XmlElement('paragraph')])
    map.set('card', card)
  })
  const shown = {
    big: { $bigint: '12' },
    bytes: { $bytes: 'AQI=' },
    card: { $prosemirror: { type: 'doc', content: [{ type: 'paragraph' }] } },
    items: [{ id: 1, title: 'first title' }, { id: 2 }, 'plain'],
    nothing: null,
    rich: {
      $delta: [{ insert: 'bold', attributes: { bold: true } }, { insert: { image: 'a.png' } }],
    },
    settings: { theme: { dark: true } },
    sub: { $subdocument: 'guid-1' },
    undefined: null,
  }

  test('are read as plain JSON, nested types included, and nothing changes when that is written back', async () => {
    expect(await read(update, json('data'))).toEqual(shown)
    expect(await changes(update, { as: 'json', field: 'data', json: shown })).toBe(false)
  })

  test('are changed where the JSON differs, and shared types stay where it has their shape', async () => {
    const before = new Y.Doc()
    Y.applyUpdate(before, update)
    const wanted = structuredClone(shown) as unknown as {
      items: { title?: string; id: number; done?: boolean }[]
      rich: { $delta: { insert: unknown }[] }
      settings?: object
      card: { $prosemirror: { content: object[] } }
    }
    wanted.items.unshift({ id: 3 })
    Object.assign(wanted.items[1] ?? {}, { title: 'first new title' })
    wanted.rich.$delta.push({ insert: ' more' })
    wanted.card.$prosemirror.content.push({ type: 'rule' })
    delete wanted.settings
    const doc = await mustWrite(update, {
      as: 'json',
      field: 'data',
      json: wanted as unknown as Json,
    })
    const idOf = (type: unknown): unknown =>
      type instanceof Y.AbstractType ? type._item?.id : undefined
    const items = doc.getMap('data').get('items') as Y.Array<Y.Map<unknown>>
    const oldItems = before.getMap('data').get('items') as Y.Array<Y.Map<unknown>>
    expect(items.get(0)).toBeInstanceOf(Y.Map)
    expect(idOf(items)).toEqual(idOf(oldItems))
    expect(idOf(items.get(1))).toEqual(idOf(oldItems.get(0)))
    expect(String(items.get(1).get('title'))).toBe('first new title')
    expect(idOf(items.get(1).get('title'))).toEqual(idOf(oldItems.get(0).get('title')))
    expect(doc.getMap('data').has('settings')).toBe(false)
    expect(String(doc.getMap('data').get('card'))).toBe('<paragraph></paragraph><rule></rule>')
    expect(doc.getMap('data').get('rich')).toMatchObject({ _length: 10 })
    expect(doc.getMap('data').get('sub')).toBeInstanceOf(Y.Doc)
  })

  test('are made of JSON in an empty root where they are asked for', async () => {
    const nothing = make(() => undefined)
    expect(await read(nothing, { as: 'json', field: 'x', kind: 'array' })).toEqual([])
    const made = await mustWrite(nothing, {
      as: 'json',
      field: 'x',
      kind: 'map',
      json: { a: [1, { b: 2 }] },
    })
    expect(made.getMap('x').toJSON()).toEqual({ a: [1, { b: 2 }] })
    const array = await mustWrite(nothing, { as: 'json', field: 'x', kind: 'array', json: [1, 2] })
    expect(array.getArray('x').toJSON()).toEqual([1, 2])
  })

  test.each([
    ['a map', 'map', '{"__proto__":{"a":1}}'],
    ['a map, nested', 'map', '{"a":{"b":[{"__proto__":1}]}}'],
    ['an array', 'array', '[{"__proto__":{"a":1}}]'],
  ] as const)('of the key `__proto__` in %s are refused and not lost', async (_, kind, sent) => {
    const content = { as: 'json', field: 'x', kind, json: JSON.parse(sent) as Json } as const
    expect(await writeContent([make(() => undefined)], content)).toMatchObject({
      fault: 'BAD_CONTENT',
      refusal: expect.stringContaining('__proto__'),
    })
  })

  test.each([
    ['a map', (doc: Y.Doc) => doc.getMap('x').set('a', protoOf('{"__proto__":{"b":1}}'))],
    ['an array', (doc: Y.Doc) => doc.getArray('x').push([protoOf('[{"__proto__":[1]}]')])],
  ])('of the key `__proto__` that a client stored in %s are refused by name', async (_, put) => {
    const update = make((doc) => void put(doc))
    expect(await readContent([update], { as: 'json', field: 'x' })).toMatchObject({
      fault: 'UNSUPPORTED_CONTENT',
      refusal: expect.stringContaining('__proto__'),
    })
  })

  test.each([
    '{"ops":[{"insert":"a","attributes":{"__proto__":1}}]}',
    '{"ops":[{"insert":{"image":{"__proto__":{"a":1}}}}]}',
  ])('of the key `__proto__` in a delta are refused: %s', async (sent) => {
    const content = { as: 'delta', field: 'x', json: JSON.parse(sent) as Json } as const
    expect(await writeContent([make(() => undefined)], content)).toMatchObject({
      fault: 'BAD_CONTENT',
    })
  })

  test('a format of the key `__proto__` that a client stored is refused by name', async () => {
    const update = make((doc) => doc.getText('x').insert(0, 'a', protoOf('{"__proto__":true}')))
    expect(await readContent([update], { as: 'delta', field: 'x' })).toMatchObject({
      fault: 'UNSUPPORTED_CONTENT',
    })
  })
})

/** JSON as a client has it, where `__proto__` is a key like any other. */
function protoOf(text: string): object {
  return JSON.parse(text) as object
}

describe('texts', () => {
  const update = make((doc) => {
    const text = doc.getText('t')
    text.insert(0, 'plain ')
    text.insert(6, 'bold', { bold: true, color: '#f00' })
    text.insertEmbed(10, { image: 'a.png' }, { width: '100' })
    text.insert(11, ' end\n', { bold: null, color: null, width: null })
  })
  const ops = [
    { insert: 'plain ' },
    { insert: 'bold', attributes: { bold: true, color: '#f00' } },
    { insert: { image: 'a.png' }, attributes: { width: '100' } },
    { insert: ' end\n' },
  ]

  test('are read and written as Quill deltas, and nothing changes when one is written back', async () => {
    expect(await read(update, { as: 'delta', field: 't' })).toEqual({ ops })
    expect(await changes(update, { as: 'delta', field: 't', json: { ops } })).toBe(false)
    expect(await changes(update, { as: 'delta', field: 't', json: ops })).toBe(false)
  })

  test('are changed by a delta where it differs', async () => {
    const wanted = [
      { insert: 'plainly ' },
      { insert: 'bold', attributes: { color: '#0f0' } },
      { insert: { image: 'a.png' }, attributes: { width: '100' } },
      { insert: { image: 'b.png' } },
      { insert: ' end\n' },
    ]
    const made = await writeContent([update], { as: 'delta', field: 't', json: wanted })
    if (!('update' in made) || made.update === undefined) throw new Error('nothing was written')
    const inserted = Y.decodeUpdate(made.update).structs.flatMap((struct) =>
      struct instanceof Y.Item && struct.content instanceof Y.ContentString
        ? struct.content.str
        : [],
    )
    expect(inserted).toEqual(['ly'])
    const doc = await mustWrite(update, { as: 'delta', field: 't', json: wanted })
    expect(await read(Y.encodeStateAsUpdate(doc), { as: 'delta', field: 't' })).toEqual({
      ops: wanted,
    })
  })

  test('written as plain text keep their formats and what is embedded', async () => {
    expect(await read(update, { as: 'text', field: 't' })).toBe('plain bold end\n')
    const doc = await mustWrite(update, { as: 'text', field: 't', text: 'plain bolder ends\n' })
    expect(doc.getText('t').toDelta()).toEqual([
      { insert: 'plain ' },
      { insert: 'bolder', attributes: { bold: true, color: '#f00' } },
      { insert: { image: 'a.png' }, attributes: { width: '100' } },
      { insert: ' ends\n' },
    ])
  })

  test('halves of a character are never cut apart', async () => {
    const smiling = make((doc) => doc.getText('t').insert(0, '😀'))
    const doc = await mustWrite(smiling, { as: 'text', field: 't', text: '😁' })
    expect(doc.getText('t').toString()).toBe('😁')
  })

  test.each([{ insert: 1 }, { retain: 2 }, 'text', { insert: 'x', attributes: [] }])(
    'a delta with %j in it is refused',
    async (op) => {
      const content = { as: 'delta', field: 't', json: [op] } as const
      expect(await write(update, content)).toMatchObject({ fault: 'BAD_CONTENT' })
    },
  )
})

describe('a ProseMirror document', () => {
  const update = make((doc) => {
    const heading = new Y.XmlElement('heading')
    heading.insert(0, [new Y.XmlText('Title')])
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText('some ')
    text.insert(5, 'bold', { bold: {} })
    paragraph.insert(0, [text, new Y.XmlElement('hardBreak'), new Y.XmlText('more')])
    doc.getXmlFragment('default').insert(0, [heading, paragraph])
  })

  test('is changed by plain text of as many lines, and keeps everything that is not text', async () => {
    expect(await read(update, { as: 'text', field: 'default' })).toBe('Title\nsome bold\nmore')
    const text = 'New title\nsome bolder\nmore'
    const doc = await mustWrite(update, { as: 'text', field: 'default', text })
    expect(doc.getXmlFragment('default').toString()).toBe(
      '<heading>New title</heading><paragraph>some <bold>bolder</bold><hardbreak></hardbreak>more</paragraph>',
    )
  })

  test('is not written over by text of other lines', async () => {
    const content = { as: 'text', field: 'default', text: 'all else' } as const
    expect(await write(update, content)).toMatchObject({ fault: 'LOSES_CONTENT' })
  })

  test.each(['image', 'mention'])(
    'with marks on a %s is refused: no editor keeps them there',
    async (type) => {
      const marked = { type, attrs: { id: 1 }, marks: [{ type: 'link', attrs: { href: 'x' } }] }
      const content = { type: 'doc', content: [{ type: 'paragraph', content: [marked] }] }
      expect(await write(update, { as: 'json', field: 'default', json: content })).toMatchObject({
        fault: 'UNSUPPORTED_CONTENT',
      })
    },
  )

  test('is the same after it was read and written where texts stand side by side or are empty', async () => {
    const odd = make((doc) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText('a'), new Y.XmlText(''), new Y.XmlText('b')])
      const empty = new Y.XmlElement('paragraph')
      empty.insert(0, [new Y.XmlText('')])
      const attributes = new Y.XmlElement('box')
      const set = (name: string, value: unknown): void =>
        attributes.setAttribute(name, value as string)
      set('object', { b: 1, a: [1, { c: null }] })
      set('null', null)
      set('undefined', undefined)
      set('number', 1.5)
      doc.getXmlFragment('default').insert(0, [paragraph, empty, attributes])
    })
    const content = (await read(odd, json('default'))) as Json
    expect(content).toEqual({
      type: 'doc',
      content: [
        { type: 'paragraph', content: [{ type: 'text', text: 'ab' }] },
        { type: 'paragraph' },
        { type: 'box', attrs: { object: { a: [1, { c: null }], b: 1 }, number: 1.5 } },
      ],
    })
    expect(await changes(odd, { as: 'json', field: 'default', json: content })).toBe(false)
    const filled = structuredClone(content) as unknown as { content: { content?: object[] }[] }
    Object.assign(filled.content[1] ?? {}, { content: [{ type: 'text', text: 'now' }] })
    const doc = await mustWrite(odd, {
      as: 'json',
      field: 'default',
      json: filled as unknown as Json,
    })
    const second = doc.getXmlFragment('default').get(1) as Y.XmlElement
    expect(second.toArray().map(String)).toEqual(['now'])
  })
})

test('what others write while a change is worked out stays', async () => {
  const base = make((doc) => {
    const paragraphs = ['Title', 'body'].map((said) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(said)])
      return paragraph
    })
    doc.getXmlFragment('default').insert(0, paragraphs)
  })
  const other = new Y.Doc()
  Y.applyUpdate(other, base)
  const paragraph = (said: string): Json => ({
    type: 'paragraph',
    content: [{ type: 'text', text: said }],
  })
  const content = { type: 'doc', content: [paragraph('Better title'), paragraph('body')] }
  const made = await writeContent([base], { as: 'json', field: 'default', json: content })
  const body = other.getXmlFragment('default').get(1) as Y.XmlElement
  ;(body.get(0) as Y.XmlText).insert(4, ' and more')
  if ('update' in made && made.update !== undefined) Y.applyUpdate(other, made.update)
  expect(other.getXmlFragment('default').toString()).toBe(
    '<paragraph>Better title</paragraph><paragraph>body and more</paragraph>',
  )
})

test('a Lexical document is read as its editor writes it as JSON', async () => {
  const { root } = (await read(lexicalUpdate, json('root'))) as { root: { children: Json[] } }
  expect(root).toMatchObject({ type: 'root', version: 1, direction: null })
  expect(root.children).toMatchObject([
    {
      type: 'heading',
      tag: 'h2',
      format: '',
      children: [{ type: 'text', text: 'Title', format: 0, mode: 'normal', detail: 0, style: '' }],
    },
    {
      type: 'paragraph',
      format: 'center',
      indent: 1,
      children: [
        { text: 'plain ', format: 0 },
        { text: 'bold', format: 1, style: 'color: red' },
        { type: 'linebreak', version: 1 },
        { type: 'link', url: 'https://x.org', target: '_blank', children: [{ text: 'a link' }] },
      ],
    },
    {
      type: 'list',
      listType: 'check',
      children: [{ type: 'listitem', checked: true, value: 1, children: [{ text: 'done' }] }],
    },
    { type: 'paragraph', children: [{ type: 'image', src: 'a.png', version: 1 }] },
  ])
})
