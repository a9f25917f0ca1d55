import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Json } from '../../../../../protocol/index.ts'
import { readContent, writeContent } from '../../content.ts'
import { readMarkdown } from './read-markdown.ts'
import { writeMarkdown } from './write-markdown.ts'

type Node = { readonly [key: string]: Json }

const text = (said: string, ...marks: Node[]): Node => ({
  type: 'text',
  text: said,
  ...(marks.length === 0 ? {} : { marks }),
})
const node = (type: string, ...content: Node[]): Node => ({
  type,
  ...(content.length === 0 ? {} : { content }),
})
const paragraph = (...content: Node[]): Node => node('paragraph', ...content)
const bold: Node = { type: 'bold' }
const link = (href: string): Node => ({
  type: 'link',
  attrs: { class: null, href, rel: 'noopener', target: '_blank' },
})

/** A document of tiptap with one of everything. */
const everything: Node = {
  type: 'doc',
  content: [
    { type: 'heading', attrs: { level: 2 }, content: [text('A title')] },
    paragraph(
      text('plain, '),
      text('bold', bold),
      text(', '),
      text('both', bold, { type: 'italic' }),
      text(' and '),
      text('struck', { type: 'strike' }),
      text(', '),
      text('x = 1', { type: 'code' }),
      text(', '),
      text('a link', link('https://a.example')),
      { type: 'hardBreak' },
      text('next line with * and _ and # and [brackets]'),
    ),
    paragraph(),
    node(
      'bulletList',
      node(
        'listItem',
        paragraph(text('one')),
        node('orderedList', node('listItem', paragraph(text('inner')))),
      ),
      node('listItem', paragraph(text('two')), paragraph(text('second paragraph'))),
    ),
    {
      type: 'orderedList',
      attrs: { start: 3 },
      content: [node('listItem', paragraph(text('three')))],
    },
    node(
      'taskList',
      { type: 'taskItem', attrs: { checked: true }, content: [paragraph(text('done'))] },
      { type: 'taskItem', attrs: { checked: false }, content: [paragraph(text('to do'))] },
    ),
    node('blockquote', paragraph(text('said')), paragraph(text('again'))),
    {
      type: 'codeBlock',
      attrs: { language: 'js' },
      content: [text('let a = 1\n\n// ``` \nlet b')],
    },
    node('horizontalRule'),
    { type: 'image', attrs: { alt: 'A', src: 'a.png', title: 'T' } },
    node(
      'table',
      node(
        'tableRow',
        node('tableHeader', paragraph(text('h|1'))),
        node('tableHeader', paragraph()),
      ),
      node(
        'tableRow',
        node('tableCell', paragraph(text('a', bold))),
        node('tableCell', paragraph(text('b'))),
      ),
    ),
    {
      type: 'paragraph',
      attrs: { textAlign: 'center' },
      content: [text('underlined', { type: 'underline' }), text(' and not')],
    },
  ],
}

function updateOf(json: Json): Promise<Uint8Array> {
  return changed(Uint8Array.of(0, 0), { as: 'json', json })
}

async function changed(
  update: Uint8Array,
  content: { as: 'json'; json: Json } | { as: 'markdown'; text: string },
): Promise<Uint8Array> {
  const made = await writeContent([update], { field: 'default', ...content })
  if ('refusal' in made) throw new Error(made.refusal)
  return made.update === undefined ? update : Y.mergeUpdates([update, made.update])
}

async function read(update: Uint8Array, as: 'json' | 'markdown'): Promise<unknown> {
  const content = await readContent([update], { as, field: 'default' })
  if ('refusal' in content) return content
  return 'json' in content ? content.json : 'text' in content ? content.text : undefined
}

const markdownOf = async (update: Uint8Array): Promise<string> =>
  String(await read(update, 'markdown'))

test('a document with everything is Markdown with everything, and nothing changes when that is written back', async () => {
  const update = await updateOf(everything)
  const markdown = await markdownOf(update)
  for (const part of [
    '## A title',
    '**bold**',
    '~~struck~~',
    '`x = 1`',
    '[a link](https://a.example)',
    '- one',
    '  1. inner',
    '3. three',
    '- [x] done',
    '- [ ] to do',
    '> said',
    '````js\nlet a = 1',
    '![A](a.png "T")',
    '| h\\|1  |   |',
    'underlined and not',
  ]) {
    expect(markdown).toContain(part)
  }
  expect(await changed(update, { as: 'markdown', text: markdown })).toBe(update)
})

test('what is written as Markdown is the same document when it is read from it again', () => {
  const source = [
    '# Title *with* **marks**',
    'A [link](https://a.example "T") and [another][ref] and ![pic](p.png).',
    '[ref]: https://b.example',
    '- a\n- b\n\n  second\n  1. deep',
    '- [ ] open\n- [x] closed\n- plain',
    '> quote\n>\n> - in it',
    '| a | b |\n|---|:-:|\n| 1 | **2** |',
    '```ts\ncode\n```',
    'line  \nbreak and <b>html</b>[^1]',
    '***',
  ].join('\n\n')
  for (const images of ['inline', 'block'] as const) {
    const content = readMarkdown(source, images)
    const again = readMarkdown(writeMarkdown({ type: 'doc', content }), images)
    expect(again).toEqual(content)
  }
})

describe('a change to the Markdown', () => {
  test('changes what it is about, and keeps what Markdown cannot express', async () => {
    const update = await updateOf(everything)
    const markdown = await markdownOf(update)
    const edited = markdown
      .replace('A title', 'A better title')
      .replace('underlined and not', 'underlined and so not')
      .replace('two', 'zwei')
      .replace('[ ] to do', '[x] to do')
    const after = (await read(
      await changed(update, { as: 'markdown', text: edited }),
      'json',
    )) as Node
    const wanted = JSON.stringify(everything)
      .replace('A title', 'A better title')
      .replace(' and not', ' and so not')
      .replace('"two"', '"zwei"')
      .replace('"checked":false', '"checked":true')
      .replace(
        '{"type":"orderedList","content"',
        '{"type":"orderedList","attrs":{"start":1},"content"',
      )
    expect(plain(after)).toEqual(plain(JSON.parse(wanted)))
  })

  test('adds and removes blocks and touches no other', async () => {
    const update = await updateOf(everything)
    const markdown = await markdownOf(update)
    const edited = markdown
      .replace('***\n\n', 'A new *paragraph*\n\n')
      .replace('---\n\n', 'A new _paragraph_\n\n')
    const before = new Y.Doc()
    Y.applyUpdate(before, update)
    const after = new Y.Doc()
    Y.applyUpdate(after, await changed(update, { as: 'markdown', text: edited }))
    const ids = (doc: Y.Doc): readonly string[] =>
      doc
        .getXmlFragment('default')
        .toArray()
        .map((child) => JSON.stringify(child._item?.id))
    const [old, now] = [ids(before), ids(after)]
    expect(now).toHaveLength(old.length)
    expect(old.filter((id) => !now.includes(id))).toHaveLength(1)
    expect(await markdownOf(Y.encodeStateAsUpdate(after))).toContain('A new _paragraph_')
  })
})

test.each<[string, Node]>([
  ['a mention', paragraph({ type: 'mention', attrs: { id: 'ann' } })],
  ['a callout', node('callout', paragraph(text('x')))],
  [
    'that spans',
    node(
      'table',
      node('tableRow', { type: 'tableHeader', attrs: { colspan: 2 }, content: [paragraph()] }),
    ),
  ],
  ['header cells', node('table', node('tableRow', node('tableCell', paragraph())))],
  [
    'more than one paragraph',
    node('table', node('tableRow', node('tableHeader', paragraph(), paragraph()))),
  ],
])(
  'a document with content described by "%s" cannot be read or overwritten as Markdown',
  async (what, block) => {
    const update = await updateOf({ type: 'doc', content: [block] })
    expect(await read(update, 'markdown')).toMatchObject({
      fault: 'UNSUPPORTED_CONTENT',
      refusal: expect.stringContaining(what),
    })
    const made = await writeContent([update], { as: 'markdown', field: 'default', text: 'all new' })
    expect(made).toMatchObject({ fault: 'UNSUPPORTED_CONTENT' })
  },
)

test('any text is Markdown for an empty document', async () => {
  const update = await changed(Uint8Array.of(0, 0), { as: 'markdown', text: '# Hello\n\nworld' })
  expect(await read(update, 'json')).toEqual({
    type: 'doc',
    content: [
      { type: 'heading', attrs: { level: 1 }, content: [text('Hello')] },
      paragraph(text('world')),
    ],
  })
})

/** Without what says nothing, and with marks and keys in order. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([key, part]) => [key, plain(part)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    entries.map(([key, part]) =>
      key === 'marks' && Array.isArray(part)
        ? [key, part.map((one) => JSON.stringify(one)).sort()]
        : [key, part],
    ),
  )
}
