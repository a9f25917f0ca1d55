import * as Y from 'yjs'
import type { Json } from '../../../protocol/index.ts'
import { documentOf } from './committed-updates.ts'
import { isRecord } from './convert/canonical.ts'
import { ContentError } from './convert/content-error.ts'
import { deltaOf, parseDelta, putDelta } from './convert/delta.ts'
import { readLexical } from './convert/lexical.ts'
import { isPlain, paragraphsOf, textOfDocument, withDocumentText } from './convert/plain-text.ts'
import { type ProseMirrorNode, parseProseMirror } from './convert/prosemirror-json.ts'
import { readDocument } from './convert/prosemirror-read.ts'
import { putContent } from './convert/prosemirror-write.ts'
import { refuseProtoKeys } from './convert/proto-key.ts'
import { changeText, piecesOf, plainFormats, withText } from './convert/rich-text.ts'
import { kindNames } from './convert/root-kind.ts'
import { kindOf, resolveKind, rootsOf, unsupported } from './convert/roots.ts'
import { arrayValue, mapValue, putArray, putMap } from './convert/values.ts'
import type { Content, ContentKind, ContentRefusal, Outline } from './document-engine.ts'

/** Content of one root. */
type RootContent = Exclude<Content, { as: 'update' }>

/** Reads a committed document. */
export async function readContent(
  updates: readonly Uint8Array[],
  of: ContentKind,
): Promise<Content | ContentRefusal> {
  const doc = documentOf(updates, true)
  return orRefusal(() => contentOf(doc, of))
}

/** Lists the roots of a committed document and their kinds. */
export function outlineOf(updates: readonly Uint8Array[]): Outline {
  const doc = documentOf(updates, true)
  return { roots: rootsOf(doc), bytes: Y.encodeStateAsUpdate(doc).length }
}

/** An update after which the document has this content; none when it has it already. */
export async function writeContent(
  updates: readonly Uint8Array[],
  content: Content,
): Promise<{ readonly update?: Uint8Array } | ContentRefusal> {
  if (content.as === 'update') return { update: content.update }
  const doc = documentOf(updates, true)
  const before = Y.encodeStateVector(doc)
  let changed = false
  doc.on('update', () => {
    changed = true
  })
  return orRefusal(async () => {
    await put(doc, content)
    return changed ? { update: Y.encodeStateAsUpdate(doc, before) } : {}
  })
}

/** The client id under which a document's first content is written. */
const seedClient = 1

/** An update that gives an empty document this content. Equal content gives equal bytes. */
export async function seedContent(
  content: Content,
  client = seedClient,
): Promise<{ readonly update: Uint8Array } | ContentRefusal> {
  if (content.as === 'update') return { update: content.update }
  const doc = new Y.Doc()
  doc.clientID = client
  return orRefusal(async () => {
    await put(doc, content)
    return { update: Y.encodeStateAsUpdate(doc) }
  })
}

async function orRefusal<Result>(convert: () => Promise<Result>): Promise<Result | ContentRefusal> {
  try {
    return await convert()
  } catch (error) {
    if (!(error instanceof ContentError)) throw error
    return { refusal: error.message, fault: error.fault }
  }
}

async function contentOf(doc: Y.Doc, of: ContentKind): Promise<Content> {
  const { as, field } = of
  switch (as) {
    case 'update':
      return { as, update: Y.encodeStateAsUpdate(doc) }
    case 'text':
      return { as, field, text: textOf(doc, of) }
    case 'json':
      return { as, field, json: jsonOf(doc, of) }
    case 'delta': {
      mustBe(doc, of, 'text', 'a Quill delta')
      return { as, field, json: { ops: deltaOf(doc.getText(field)) as unknown as Json } }
    }
    case 'markdown': {
      mustBe(doc, of, 'prosemirror', 'Markdown')
      const { writeMarkdown } = await import('./convert/markdown/write-markdown.ts')
      return { as, field, text: writeMarkdown(readDocument(doc.getXmlFragment(field))) }
    }
    default:
      return as satisfies never
  }
}

/** Refuses a root of another kind. */
function mustBe(doc: Y.Doc, of: ContentKind, wanted: 'text' | 'prosemirror', form: string): void {
  const kind = resolveKind(doc, of, wanted)
  if (kind !== wanted) {
    throw unsupported(`'${of.field}' contains ${kindNames[kind]}, which ${form} cannot express`)
  }
}

function jsonOf(doc: Y.Doc, of: ContentKind): Json {
  const { field } = of
  const kind = resolveKind(doc, of, 'prosemirror')
  switch (kind) {
    case 'prosemirror':
      return nodeAsJson(readDocument(doc.getXmlFragment(field)))
    case 'text':
      return nodeAsJson(paragraphsOf(plainTextOf(doc.getText(field), field)))
    case 'map':
      return mapValue(doc.getMap(field))
    case 'array':
      return arrayValue(doc.getArray(field))
    case 'lexical':
      return readLexical(doc.get(field, Y.XmlText))
    case 'nested text':
    case 'other':
      throw unsupported(`'${field}' contains ${kindNames[kind]}, which JSON cannot express`)
    default:
      return kind satisfies never
  }
}

/** The characters of a text; refuses formats and embeds. */
function plainTextOf(text: Y.Text, field: string): string {
  const isPlain = deltaOf(text).every(
    ({ insert, attributes }) => typeof insert === 'string' && attributes === undefined,
  )
  if (!isPlain) throw unsupported(`'${field}' contains formatted text: request /delta`)
  return text.toString()
}

/** A cast: nodes are JSON with a more specific type. */
function nodeAsJson(node: ProseMirrorNode): Json {
  return node as unknown as Json
}

function textOf(doc: Y.Doc, of: ContentKind): string {
  const kind = resolveKind(doc, of, 'text')
  if (kind === 'text') return doc.getText(of.field).toString()
  if (kind === 'prosemirror') return textOfDocument(readDocument(doc.getXmlFragment(of.field)))
  throw unsupported(`'${of.field}' contains ${kindNames[kind]}, which plain text cannot express`)
}

async function put(doc: Y.Doc, content: RootContent): Promise<void> {
  switch (content.as) {
    case 'json':
      return putJson(doc, content)
    case 'text':
      return putText(doc, content)
    case 'delta': {
      mustBe(doc, content, 'text', 'a Quill delta')
      const text = doc.getText(content.field)
      // Also refuses content that a delta cannot express.
      deltaOf(text)
      const wanted = parseDelta(content.json)
      return doc.transact(() => putDelta(text, wanted))
    }
    case 'markdown': {
      mustBe(doc, content, 'prosemirror', 'Markdown')
      const { putMarkdown } = await import('./convert/markdown/put-markdown.ts')
      const fragment = doc.getXmlFragment(content.field)
      return doc.transact(() => putMarkdown(fragment, content.text))
    }
    default:
      return content satisfies never
  }
}

function putJson(doc: Y.Doc, content: Extract<RootContent, { json: Json }>): void {
  const { field, json } = content
  const kind = resolveKind(doc, content, 'prosemirror')
  switch (kind) {
    case 'map': {
      if (!isRecord(json)) throw wrongShape(field, 'a map', 'an object')
      refuseProtoKeys(json)
      return doc.transact(() => putMap(doc.getMap(field), json))
    }
    case 'array': {
      if (!Array.isArray(json)) throw wrongShape(field, 'an array', 'a list')
      refuseProtoKeys(json)
      return doc.transact(() => putArray(doc.getArray(field), json as readonly Json[]))
    }
    case 'prosemirror': {
      if (content.kind === undefined && !isNode(json) && kindOf(doc, field) === 'empty') {
        throw new ContentError(
          'BAD_CONTENT',
          `a node has no type; for a map or an array, which '${field}' does not hold yet, ` +
            'say kind=map or kind=array',
        )
      }
      const node = parseProseMirror(json)
      const fragment = doc.getXmlFragment(field)
      return doc.transact(() => putContent(fragment, node))
    }
    case 'text': {
      const node = parseProseMirror(json)
      if (!isPlain(node)) throw unsupported(`'${field}' contains text: write it as /text or /delta`)
      plainTextOf(doc.getText(field), field)
      return putText(doc, { as: 'text', field, text: textOfDocument(node) })
    }
    case 'lexical':
    case 'nested text':
    case 'other':
      throw unsupported(`'${field}' contains ${kindNames[kind]}, which JSON cannot write`)
    default:
      return kind satisfies never
  }
}

function isNode(json: Json): boolean {
  return isRecord(json) && 'type' in json
}

function wrongShape(field: string, is: string, shape: string): ContentError {
  return new ContentError('BAD_CONTENT', `'${field}' contains ${is}: send ${shape}`)
}

function putText(doc: Y.Doc, content: Extract<RootContent, { text: string }>): void {
  const { field, text: wanted } = content
  const kind = resolveKind(doc, content, 'text')
  if (kind === 'text') {
    const text = doc.getText(field)
    const pieces = withText(piecesOf([text], plainFormats), wanted)
    return doc.transact(() => changeText([text], pieces, plainFormats))
  }
  if (kind !== 'prosemirror') {
    throw unsupported(`'${field}' contains ${kindNames[kind]}, which plain text cannot express`)
  }
  const fragment = doc.getXmlFragment(field)
  const node = withDocumentText(readDocument(fragment), wanted)
  doc.transact(() => putContent(fragment, node))
}
