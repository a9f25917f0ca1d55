import fc from 'fast-check'
import { type Mark, type Node, Schema } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { prosemirrorToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from 'y-prosemirror'
import * as Y from 'yjs'
import type { Json } from '../../../../protocol/index.ts'
import { readContent, writeContent } from '../content.ts'

/*
 * Documents as y-prosemirror writes them, under several schemas. What a backend reads and writes
 * back must change nothing, and what it changes nothing else.
 */

const inline = { inline: true, group: 'inline' } as const
const basic = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: { content: 'inline*', group: 'block', attrs: { align: { default: null } } },
    heading: { content: 'inline*', group: 'block', attrs: { level: { default: 1 } } },
    quote: { content: 'block+', group: 'block' },
    rule: { group: 'block' },
    text: { group: 'inline' },
    image: { ...inline, attrs: { src: { default: '' }, data: { default: null } } },
    mention: { ...inline, content: 'text*', attrs: { id: { default: null } } },
    break: inline,
  },
  marks: {
    bold: {},
    link: { attrs: { href: { default: null }, title: { default: null } } },
    comment: { attrs: { id: { default: 0 }, tags: { default: [] } }, excludes: '' },
  },
})
/** Lines with notes that overlap, and nothing else. */
const bare = new Schema({
  nodes: {
    doc: { content: 'line+' },
    line: { content: 'inline*' },
    text: { group: 'inline' },
    chip: { ...inline },
  },
  marks: { note: { attrs: { id: {} }, excludes: '' } },
})

const words = fc.stringMatching(/^[a-z]{1,4}( [a-zé😀]{1,3}){0,3}$/u)

/** Marks of one kind have no order of their own: an editor keeps that in which they were made. */
function byAttrs(a: Mark, b: Mark): number {
  return Number(a.attrs['id'] ?? 0) - Number(b.attrs['id'] ?? 0)
}

function marksOf(schema: Schema): fc.Arbitrary<Node['marks']> {
  const made = Object.values(schema.marks).map((type) =>
    type.name === 'comment' || type.name === 'note'
      ? fc
          .integer({ min: 1, max: 3 })
          .map((id) => type.create({ id, ...(schema === basic ? { tags: [id, { a: 'b' }] } : {}) }))
      : type.name === 'link'
        ? fc.constantFrom('https://a.example', 'b').map((href) => type.create({ href }))
        : fc.constant(type.create()),
  )
  return fc
    .array(fc.oneof(...made), { maxLength: 3 })
    .map((marks) =>
      marks.sort(byAttrs).reduce<Node['marks']>((set, mark) => mark.addToSet(set), []),
    )
}

function inlineNodes(schema: Schema): fc.Arbitrary<Node[]> {
  const text = fc.tuple(words, marksOf(schema)).map(([said, marks]) => schema.text(said, marks))
  const others =
    schema === bare
      ? [fc.constant(schema.nodes['chip']?.create())]
      : [
          fc.constant(schema.nodes['break']?.create()),
          fc
            .record({ src: words, data: fc.constantFrom(null, { w: 1, h: [2] }, [], '') })
            .map((attrs) => schema.nodes['image']?.create(attrs)),
          fc
            .tuple(words, words)
            .map(([id, said]) => schema.nodes['mention']?.create({ id }, schema.text(said))),
        ]
  return fc
    .array(fc.oneof({ arbitrary: text, weight: 4 }, ...others), { maxLength: 6 })
    .map((nodes) => nodes.flatMap((node) => node ?? []))
}

function blockNodes(schema: Schema): fc.Arbitrary<Node> {
  return fc.letrec<{ block: Node }>((tie) => ({
    block: fc.oneof(
      { maxDepth: 3 },
      fc
        .tuple(inlineNodes(schema), fc.constantFrom(null, 'left'))
        .map(([nodes, align]) => schema.node('paragraph', { align }, nodes)),
      fc
        .tuple(inlineNodes(schema), fc.integer({ min: 1, max: 3 }))
        .map(([nodes, level]) => schema.node('heading', { level }, nodes)),
      fc.constant(schema.node('rule')),
      fc
        .array(tie('block'), { minLength: 1, maxLength: 3 })
        .map((nodes) => schema.node('quote', null, nodes)),
    ),
  })).block
}

const documents: fc.Arbitrary<Node> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(blockNodes(basic), { minLength: 1, maxLength: 6 })
      .map((nodes) => basic.node('doc', null, nodes)),
  },
  {
    weight: 1,
    arbitrary: inlineNodes(bare).map((nodes) =>
      bare.node('doc', null, [bare.node('line', null, nodes)]),
    ),
  },
)

function updateOf(node: Node): Uint8Array {
  const doc = new Y.Doc()
  prosemirrorToYXmlFragment(node, doc.getXmlFragment('default'))
  return Y.encodeStateAsUpdate(doc)
}

async function read(update: Uint8Array): Promise<Json> {
  const content = await readContent([update], { as: 'json', field: 'default' })
  if (!('json' in content)) throw new Error(JSON.stringify(content))
  return content.json
}

async function write(update: Uint8Array, json: Json): Promise<Uint8Array | undefined> {
  const made = await writeContent([update], { as: 'json', field: 'default', json })
  if ('refusal' in made) throw new Error(made.refusal)
  return made.update
}

function shown(updates: readonly Uint8Array[], schema: Schema): Node {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return yXmlFragmentToProseMirrorRootNode(doc.getXmlFragment('default'), schema)
}

describe('a document that y-prosemirror wrote', () => {
  test('is what the editor shows when it is read, and nothing changes when that is written back', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (node) => {
        const update = updateOf(node)
        const json = await read(update)
        expect(node.type.schema.nodeFromJSON(json).toJSON()).toEqual(node.toJSON())
        expect(await write(update, json)).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })

  test('becomes any other document that is written over it', async () => {
    const pairs = fc.oneof(
      fc
        .tuple(blockNodes(basic), blockNodes(basic))
        .map((pair) => pair.map((one) => basic.node('doc', null, [one]))),
      fc
        .tuple(
          fc.array(blockNodes(basic), { minLength: 1, maxLength: 5 }),
          fc.array(blockNodes(basic), { minLength: 1, maxLength: 5 }),
        )
        .map((pair) => pair.map((nodes) => basic.node('doc', null, nodes))),
      fc
        .tuple(inlineNodes(bare), inlineNodes(bare))
        .map((pair) =>
          pair.map((nodes) => bare.node('doc', null, [bare.node('line', null, nodes)])),
        ),
    )
    await fc.assert(
      fc.asyncProperty(pairs, async ([from, to]) => {
        if (from === undefined || to === undefined) return
        const update = updateOf(from)
        const change = await write(update, to.toJSON() as Json)
        const updates = change === undefined ? [update] : [update, change]
        expect(ordered(shown(updates, from.type.schema))).toEqual(ordered(to))
        const doc = Y.mergeUpdates(updates)
        expect(await write(doc, to.toJSON() as Json)).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })

  test('keeps every other character when one word is changed', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.nat(), async (node, at) => {
        const update = updateOf(node)
        const json = await read(update)
        const texts = textNodes(json)
        const text = texts[at % Math.max(1, texts.length)]
        if (text === undefined) return
        text.text = `${text.text}Q`
        const change = await write(update, json)
        expect(change).toBeDefined()
        const { structs, ds } = Y.decodeUpdate(change ?? new Uint8Array())
        const written = structs.filter(
          (struct) => struct instanceof Y.Item && struct.content instanceof Y.ContentString,
        )
        expect(written.map((struct) => struct.length)).toEqual([1])
        const before = deletedIn(update)
        expect([...ds.clients.values()].flat().length).toBe(before)
      }),
      { numRuns: 150 },
    )
  })
})

/**
 * As JSON, letter by letter: Yjs keeps marks of one kind in the order in which they were set, and
 * that cuts texts apart.
 */
function ordered(node: Node): unknown {
  if (node.isText) {
    const marks = node.marks.map((one) => JSON.stringify(one)).sort()
    return [...(node.text ?? '')].map((letter) => ({ letter, marks }))
  }
  const { type, attrs } = node.toJSON() as { type: string; attrs?: object }
  return { type, attrs, content: node.children.flatMap(ordered) }
}

interface TextNode {
  text: string
}

function textNodes(json: unknown): TextNode[] {
  if (typeof json !== 'object' || json === null) return []
  if ('text' in json && typeof json.text === 'string') return [json as TextNode]
  return Object.values(json).flatMap(textNodes)
}

function deletedIn(update: Uint8Array): number {
  return [...Y.decodeUpdate(update).ds.clients.values()].flat().length
}
