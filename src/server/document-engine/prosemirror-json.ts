import type { Json } from '../../protocol/index.ts'

/** A node of a ProseMirror document, as JSON. */
export interface ProseMirrorNode {
  readonly type: string
  readonly [key: string]: Json
}

const depthMax = 64
const nodesMax = 100_000
const nameMax = 128

/**
 * Looks whether JSON has the form of a ProseMirror document: `{type, attrs?, content?, marks?, text?}`, within bounds. Gives what is
 * wrong with it otherwise. Whether its nodes make sense together is for the editor that shows it.
 */
export function parseProseMirror(json: Json): ProseMirrorNode | string {
  let nodes = 0
  const nodeNames = new Set(['text'])
  const markNames = new Set<string>()

  function parse(value: Json, depth: number): ProseMirrorNode | string {
    nodes += 1
    if (nodes > nodesMax) return `there are more than ${nodesMax} nodes`
    if (depth > depthMax) return `nodes are nested deeper than ${depthMax}`
    if (!isRecord(value)) return 'a node is no object'
    const { type, attrs, content, marks, text } = value
    if (!isName(type)) return nameless('node', type)
    nodeNames.add(type)
    const attrsFault = faultOfAttrs(attrs, type)
    if (attrsFault !== undefined) return attrsFault
    if (type === 'text') {
      if (typeof text !== 'string' || text === '') return 'a text node has no text'
    }
    const parsedMarks = parseMarks(marks)
    if (typeof parsedMarks === 'string') return parsedMarks
    for (const mark of parsedMarks) markNames.add(mark.type)
    const parsedContent = parseContent(content, depth)
    if (typeof parsedContent === 'string') return parsedContent
    return {
      type,
      ...(attrs === undefined ? {} : { attrs }),
      ...(type === 'text' && typeof text === 'string' ? { text } : {}),
      ...(parsedMarks.length === 0 ? {} : { marks: parsedMarks }),
      ...(parsedContent.length === 0 ? {} : { content: parsedContent }),
    }
  }

  function parseContent(
    content: Json | undefined,
    depth: number,
  ): readonly ProseMirrorNode[] | string {
    if (content === undefined) return []
    if (!Array.isArray(content)) return 'the content of a node is no list'
    const parsed: ProseMirrorNode[] = []
    for (const child of content as readonly Json[]) {
      const node = parse(child, depth + 1)
      if (typeof node === 'string') return node
      parsed.push(node)
    }
    return parsed
  }

  const doc = parse(json, 0)
  if (typeof doc === 'string') return doc
  const both = [...markNames].find((name) => nodeNames.has(name))
  if (both !== undefined) return `'${both}' is a node and a mark`
  return doc.type === 'text' ? 'the document is a text node' : doc
}

function parseMarks(marks: Json | undefined): readonly ProseMirrorNode[] | string {
  if (marks === undefined) return []
  if (!Array.isArray(marks)) return 'the marks of a node are no list'
  const parsed: ProseMirrorNode[] = []
  for (const mark of marks as readonly Json[]) {
    if (!isRecord(mark)) return 'a mark has no type'
    const { type, attrs } = mark
    if (!isName(type)) return nameless('mark', type)
    const attrsFault = faultOfAttrs(attrs, type)
    if (attrsFault !== undefined) return attrsFault
    parsed.push({ type, ...(attrs === undefined ? {} : { attrs }) })
  }
  return parsed
}

/** A document of one paragraph a line. */
export function paragraphsOf(text: string): ProseMirrorNode & Json {
  return {
    type: 'doc',
    content: text.split('\n').map((line) => ({
      type: 'paragraph',
      ...(line === '' ? {} : { content: [{ type: 'text', text: line }] }),
    })),
  }
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A schema and Yjs keep what they know by name in plain objects, where this one means another thing. */
const proto = '__proto__'

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && value.length <= nameMax && value !== proto
}

function nameless(what: 'node' | 'mark', type: Json | undefined): string {
  return type === proto ? `a ${what} cannot be called ${proto}` : `a ${what} has no type`
}

function faultOfAttrs(attrs: Json | undefined, type: string): string | undefined {
  if (attrs === undefined) return undefined
  if (!isRecord(attrs)) return `the attrs of a ${type} are no object`
  return faultOfValue(attrs, depthMax)
}

function faultOfValue(value: Json, depthLeft: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depthLeft === 0) return `attrs are nested deeper than ${depthMax}`
  if (Object.hasOwn(value, proto)) return `attrs cannot have the key ${proto}`
  for (const part of Object.values(value)) {
    const fault = faultOfValue(part as Json, depthLeft - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}
