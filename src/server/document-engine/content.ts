import * as Y from 'yjs'
import type { Json } from '../../protocol/index.ts'
import { documentOf } from './committed-updates.ts'
import type { Content, ContentKind } from './document-engine.ts'
import { type ProseMirrorNode, paragraphsOf, parseProseMirror } from './prosemirror-json.ts'

/** The client id under which a document's first content is written: the same content is then the same bytes. */
const seedClient = 1

export type Made<Update> = { readonly update: Update } | { readonly refusal: string }

/** Reads a committed document. */
export async function readContent(
  updates: readonly Uint8Array[],
  { as, field }: ContentKind,
): Promise<Content> {
  const doc = documentOf(updates, true)
  switch (as) {
    case 'update':
      return { as, update: Y.encodeStateAsUpdate(doc) }
    case 'text':
      return { as, field, text: textOf(doc, field) }
    case 'json':
      return { as, field, json: await jsonOf(doc, field) }
    default:
      return as satisfies never
  }
}

/** An update after which the document has this content; none when it has it already. */
export async function writeContent(
  updates: readonly Uint8Array[],
  content: Content,
): Promise<{ readonly update?: Uint8Array } | { readonly refusal: string }> {
  if (content.as === 'update') return { update: content.update }
  const doc = documentOf(updates, true)
  const before = Y.encodeStateVector(doc)
  let changed = false
  doc.on('update', () => {
    changed = true
  })
  const refusal = await put(doc, content)
  if (refusal !== undefined) return { refusal }
  return changed ? { update: Y.encodeStateAsUpdate(doc, before) } : {}
}

/** An update that makes an empty document have this content. */
export async function seedContent(content: Content): Promise<Made<Uint8Array>> {
  if (content.as === 'update') return { update: content.update }
  const doc = new Y.Doc()
  doc.clientID = seedClient
  const refusal = await put(doc, content)
  return refusal === undefined ? { update: Y.encodeStateAsUpdate(doc) } : { refusal }
}

async function put(
  doc: Y.Doc,
  content: Exclude<Content, { as: 'update' }>,
): Promise<string | undefined> {
  const kind = kindOf(doc, content.field)
  if (kind === 'other') return `'${content.field}' holds neither text nor a ProseMirror document`
  if (content.as === 'text') {
    if (kind === 'xml') return putNode(doc, content.field, paragraphsOf(content.text))
    putText(doc.getText(content.field), content.text)
    return undefined
  }
  if (kind === 'text') return `'${content.field}' holds plain text and not a ProseMirror document`
  const parsed = parseProseMirror(content.json)
  return typeof parsed === 'string' ? parsed : putNode(doc, content.field, parsed)
}

async function putNode(
  doc: Y.Doc,
  field: string,
  node: ProseMirrorNode,
): Promise<string | undefined> {
  // y-prosemirror brings an editor along, which only those need who write in this way.
  const [{ updateYFragment }, { schemaFor }] = await Promise.all([
    import('y-prosemirror'),
    import('./permissive-schema.ts'),
  ])
  const made = schemaFor(node).nodeFromJSON(node)
  doc.transact(() => {
    const meta = { mapping: new Map(), isOMark: new Map() }
    updateYFragment(doc, doc.getXmlFragment(field), made, meta)
  })
  return undefined
}

/** Changes what is between the common beginning and the common end. */
function putText(text: Y.Text, wanted: string): void {
  const current = text.toString()
  let start = 0
  while (start < current.length && start < wanted.length && current[start] === wanted[start]) {
    start += 1
  }
  // Not between the halves of a character.
  if (start > 0 && isHigh(current.charCodeAt(start - 1))) start -= 1
  let end = 0
  const most = Math.min(current.length, wanted.length) - start
  while (end < most && current.at(-1 - end) === wanted.at(-1 - end)) end += 1
  if (end > 0 && isLow(current.charCodeAt(current.length - end))) end -= 1
  const removed = current.length - start - end
  const added = wanted.slice(start, wanted.length - end)
  if (removed === 0 && added === '') return
  text.doc?.transact(() => {
    if (removed > 0) text.delete(start, removed)
    if (added !== '') text.insert(start, added)
  })
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}

/** What a root holds. Yjs does not say; it shows in what is in it. */
function kindOf(doc: Y.Doc, field: string): 'nothing' | 'text' | 'xml' | 'other' {
  const root = doc.share.get(field)
  if (root === undefined) return 'nothing'
  for (let item = root._start; item !== null; item = item.right) {
    const { content } = item
    if (content instanceof Y.ContentType) {
      const { type } = content
      const isXml = type instanceof Y.XmlElement || type instanceof Y.XmlText
      return isXml ? 'xml' : 'other'
    }
    if (content instanceof Y.ContentString || content instanceof Y.ContentFormat) return 'text'
    if (content instanceof Y.ContentEmbed) return 'text'
    if (!(content instanceof Y.ContentDeleted)) return 'other'
  }
  return root._map.size > 0 ? 'other' : 'nothing'
}

async function jsonOf(doc: Y.Doc, field: string): Promise<Json> {
  const kind = kindOf(doc, field)
  if (kind === 'text') return paragraphsOf(doc.getText(field).toString())
  if (kind !== 'xml') return { type: 'doc', content: [] }
  const { yXmlFragmentToProsemirrorJSON } = await import('y-prosemirror')
  return yXmlFragmentToProsemirrorJSON(doc.getXmlFragment(field)) as Json
}

function textOf(doc: Y.Doc, field: string): string {
  const kind = kindOf(doc, field)
  if (kind === 'text') return doc.getText(field).toString()
  return kind === 'xml' ? linesOf(doc.getXmlFragment(field)).join('\n') : ''
}

/** The text of a ProseMirror document: one line for each block that has text. */
function linesOf(parent: Y.XmlFragment | Y.XmlElement): readonly string[] {
  const children = parent.toArray()
  const isBlock = children.some((child) => child instanceof Y.XmlText)
  if (isBlock || children.length === 0) return [children.map(inlineText).join('')]
  return children.flatMap((child) => (child instanceof Y.XmlElement ? linesOf(child) : []))
}

function inlineText(child: Y.XmlElement | Y.XmlText | Y.XmlHook): string {
  if (child instanceof Y.XmlText) {
    return (child.toDelta() as { readonly insert: unknown }[])
      .map(({ insert }) => (typeof insert === 'string' ? insert : ''))
      .join('')
  }
  if (child instanceof Y.XmlElement && child.nodeName === 'hardBreak') return '\n'
  return child instanceof Y.XmlElement ? linesOf(child).join('') : ''
}
