import type { ProseMirrorNode } from './prosemirror-json.ts'
import { ContentError } from './refusal.ts'
import { type Formats, withText } from './rich-text.ts'

/** Names of nodes that are a line break within a paragraph. */
const breakNames = new Set(['hardBreak', 'hard_break'])

/** A document of one paragraph a line. */
export function paragraphsOf(text: string): ProseMirrorNode {
  return {
    type: 'doc',
    content: text.split('\n').map((line) => ({
      type: 'paragraph',
      ...(line === '' ? {} : { content: [{ type: 'text', text: line }] }),
    })),
  }
}

/** The text of a ProseMirror document: one line for each block that has text, and one more for each line break in it. */
export function textOfDocument(doc: ProseMirrorNode): string {
  return leavesOf(doc).map(textOfLeaf).join('\n')
}

/**
 * A document with another text in it. Text that stands in paragraphs and nothing else may become anything. Else the lines must be as many
 * as before: then each is changed where it stands, and everything that is not text stays. Throws LOSES_CONTENT where that cannot be.
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

/** Whether a document is paragraphs of plain text and nothing else. */
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

/** Takes as many lines as the node has, and puts them where they belong. */
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

/** Inline nodes without a line break among them, with as many lines as their own text has. */
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
