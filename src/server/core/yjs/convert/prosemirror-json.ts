import type { Json } from '../../../../protocol/index.ts'
import { isRecord, type JsonRecord } from './canonical.ts'
import { ContentError } from './content-error.ts'

/** A mark of a ProseMirror text. */
export interface ProseMirrorMark {
  readonly type: string
  readonly attrs?: JsonRecord
}

/** A node of a ProseMirror document, as JSON. Only a node of type `text` has text and marks. */
export interface ProseMirrorNode {
  readonly type: string
  readonly attrs?: JsonRecord
  readonly content?: readonly ProseMirrorNode[]
  readonly marks?: readonly ProseMirrorMark[]
  readonly text?: string
}

const depthMax = 64
const nodesMax = 400_000
const nameMax = 128

/**
 * Validates JSON as a ProseMirror document: `{type, attrs?, content?, marks?, text?}`, within
 * bounds. It does not check the nodes against an editor's schema. Throws BAD_CONTENT, and
 * UNSUPPORTED_CONTENT for marks on nodes other than text, which y-prosemirror cannot store.
 */
export function parseProseMirror(json: Json): ProseMirrorNode {
  let nodes = 0

  function parse(value: Json, depth: number): ProseMirrorNode {
    nodes += 1
    if (nodes > nodesMax) throw bad(`there are more than ${nodesMax} nodes`)
    if (depth > depthMax) throw bad(`nodes are nested deeper than ${depthMax}`)
    if (!isRecord(value)) throw bad('a node is not an object')
    const { type, attrs, content, marks, text } = value
    if (!isName(type)) throw nameless('node', type)
    const isText = type === 'text'
    if (isText && (typeof text !== 'string' || text === '')) throw bad('a text node has no text')
    const parsedAttrs = parseAttrs(attrs, type)
    const parsedMarks = parseMarks(marks)
    if (!isText && parsedMarks.length > 0) throw marksOnNode(type, parsedMarks)
    const parsedContent = parseContent(content, depth)
    return {
      type,
      ...(parsedAttrs === undefined ? {} : { attrs: parsedAttrs }),
      ...(isText && typeof text === 'string' ? { text } : {}),
      ...(parsedMarks.length === 0 ? {} : { marks: parsedMarks }),
      ...(parsedContent.length === 0 ? {} : { content: parsedContent }),
    }
  }

  function parseContent(content: Json | undefined, depth: number): readonly ProseMirrorNode[] {
    if (content === undefined || content === null) return []
    if (!Array.isArray(content)) throw bad('the content of a node is not an array')
    return (content as readonly Json[]).map((child) => parse(child, depth + 1))
  }

  const doc = parse(json, 0)
  if (doc.type === 'text') throw bad('the document is a text node')
  return doc
}

function parseMarks(marks: Json | undefined): readonly ProseMirrorMark[] {
  if (marks === undefined || marks === null) return []
  if (!Array.isArray(marks)) throw bad('the marks of a node are not an array')
  return (marks as readonly Json[]).map((mark) => {
    if (!isRecord(mark)) throw bad('a mark has no type')
    const { type } = mark
    if (!isName(type)) throw nameless('mark', type)
    const attrs = parseAttrs(mark['attrs'], type)
    return { type, ...(attrs === undefined ? {} : { attrs }) }
  })
}

function parseAttrs(attrs: Json | undefined, type: string): JsonRecord | undefined {
  if (attrs === undefined || attrs === null) return undefined
  if (!isRecord(attrs)) throw bad(`the attrs of a node or mark of type '${type}' are not an object`)
  checkKeys(attrs)
  return attrs
}

function marksOnNode(type: string, marks: readonly ProseMirrorMark[]): ContentError {
  const names = marks.map((mark) => mark.type).join(', ')
  return new ContentError(
    'UNSUPPORTED_CONTENT',
    `marks (${names}) on a node of type '${type}': Yjs editors keep marks on text only, so they would be lost`,
  )
}

/** Editors use plain objects as maps by name, where this key is special. */
const proto = '__proto__'

function nameless(what: 'node' | 'mark', type: Json | undefined): ContentError {
  return bad(type === proto ? `a ${what} cannot be called ${proto}` : `a ${what} has no type`)
}

/** Recursive; the JSON parser bounds the depth. */
function checkKeys(value: Json): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, proto)) throw bad(`attrs cannot have the key ${proto}`)
  for (const part of Object.values(value)) checkKeys(part as Json)
}

function bad(message: string): ContentError {
  return new ContentError('BAD_CONTENT', message)
}

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && value !== proto && value.length <= nameMax
}
