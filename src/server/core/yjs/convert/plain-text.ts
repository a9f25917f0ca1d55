import { ContentError } from './content-error.ts'
import type { ProseMirrorNode } from './prosemirror-json.ts'
import { type Formats, withText } from './rich-text.ts'

/** Node types that are a line break within a paragraph. */
const breakNames = new Set(['hardBreak', 'hard_break'])

/** A document with one paragraph per line. */
export function paragraphsOf(text: string): ProseMirrorNode {
  return {
    type: 'doc',
    content: text.split('\n').map((line) => ({
      type: 'paragraph',
      ...(line === '' ? {} : { content: [{ type: 'text', text: line }] }),
    })),
  }
}

/**
 * The text of a ProseMirror document: one line per block with text, plus one per line break in it.
 */
export function textOfDocument(doc: ProseMirrorNode): string {
  return leavesOf(doc).map(textOfLeaf).join('\n')
}

/**
 * Replaces the text of a document. A document of plain paragraphs accepts any text. In others the
 * number of lines must stay the same: each line is changed in place and everything that is not text
 * stays. Otherwise throws LOSES_CONTENT.
 */
export function withDocumentText(doc: ProseMirrorNode, text: string): ProseMirrorNode {
  if (textOfDocument(doc) === text) return doc
  if (isPlain(doc)) return paragraphsOf(text)
  const lines = text.split('\n')
  const count = textOfDocument(doc).split('\n').length
  if (lines.length !== count) {
    throw new ContentError(
      'LOSES_CONTENT',
      `the document is not just plain paragraphs: send exactly ${count} lines, or write it as JSON`,
    )
  }
  return withLines(doc, lines.values())
}

/** Whether a document consists only of paragraphs of plain text. */
export function isPlain({ content = [] }: ProseMirrorNode): boolean {
  return content.every(
    ({ type, attrs, content: inline = [] }) =>
      type === 'paragraph' &&
      attrs === undefined &&
      inline.every((node) => node.type === 'text' && node.marks === undefined),
  )
}

function isLeaf({ content = [] }: ProseMirrorNode): boolean {
  return content.length === 0 || content.some(({ type }) => type === 'text' || breakNames.has(type))
}

function leavesOf(node: ProseMirrorNode): readonly ProseMirrorNode[] {
  return isLeaf(node) ? [node] : (node.content ?? []).flatMap(leavesOf)
}

function textOfLeaf({ content = [] }: ProseMirrorNode): string {
  return content.map(textOfInline).join('')
}

function textOfInline(node: ProseMirrorNode): string {
  if (breakNames.has(node.type)) return '\n'
  return node.text ?? textOfDocument(node)
}

/** Takes as many lines as the node has and puts them in place. */
function withLines(node: ProseMirrorNode, lines: Iterator<string, undefined>): ProseMirrorNode {
  const { content = [] } = node
  if (!isLeaf(node)) return { ...node, content: content.map((one) => withLines(one, lines)) }
  const changed: ProseMirrorNode[] = []
  let stretch: ProseMirrorNode[] = []
  const flush = (): void => {
    changed.push(...withStretch(stretch, lines))
    stretch = []
  }
  for (const child of content) {
    if (!breakNames.has(child.type)) stretch.push(child)
    else {
      flush()
      changed.push(child)
    }
  }
  flush()
  const { content: _, ...rest } = node
  return changed.length === 0 ? rest : { ...rest, content: changed }
}

/** Replaces the text of a run of inline nodes without line breaks. */
function withStretch(
  nodes: readonly ProseMirrorNode[],
  lines: Iterator<string, undefined>,
): readonly ProseMirrorNode[] {
  const old = nodes.map(textOfInline).join('')
  const taken: string[] = []
  for (let left = old.split('\n').length; left > 0; left -= 1) taken.push(lines.next().value ?? '')
  const wanted = taken.join('\n')
  if (wanted === old) return nodes
  const holder = nodes.find((node) => node.text === undefined && textOfInline(node) !== '')
  if (holder !== undefined) {
    throw new ContentError('LOSES_CONTENT', `a line to change contains a ${holder.type}`)
  }
  const marksOf = new Map<Formats, ProseMirrorNode['marks']>()
  const pieces = nodes.map(({ text, marks }, index) => {
    const formats: Formats = new Map()
    marksOf.set(formats, marks)
    return { insert: text ?? { node: index }, formats }
  })
  return withText(pieces, wanted).flatMap<ProseMirrorNode>(({ insert, formats }) => {
    if (typeof insert !== 'string')
      return 'node' in insert ? (nodes[Number(insert.node)] ?? []) : []
    const marks = marksOf.get(formats)
    return [{ type: 'text', text: insert, ...(marks === undefined ? {} : { marks }) }]
  })
}
