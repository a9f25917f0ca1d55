import type {
  BlockContent,
  DefinitionContent,
  ListItem,
  PhrasingContent,
  RootContent,
  TableCell,
  TableRow,
} from 'mdast'
import { gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown } from 'mdast-util-to-markdown'
import { canonical } from '../canonical.ts'
import { ContentError } from '../content-error.ts'
import type { ProseMirrorMark, ProseMirrorNode } from '../prosemirror-json.ts'

type Block = BlockContent | DefinitionContent

/** Marks that Markdown expresses, outermost first. Code is a separate node there. */
const nestingMarks = ['link', 'bold', 'italic', 'strike']

/**
 * Writes a ProseMirror document with Tiptap's node and mark names as GitHub Flavored Markdown.
 * Omits empty paragraphs, and marks and attributes that Markdown lacks. Throws UNSUPPORTED_CONTENT
 * for nodes that Markdown cannot express.
 */
export function writeMarkdown(doc: ProseMirrorNode): string {
  const children = blocks(doc.content ?? []) as RootContent[]
  const extensions = [gfmToMarkdown()]
  return toMarkdown(
    { type: 'root', children },
    { extensions, bullet: '-', rule: '-', emphasis: '_' },
  )
}

function blocks(nodes: readonly ProseMirrorNode[]): Block[] {
  return nodes.flatMap((node) => block(node) ?? [])
}

function block(node: ProseMirrorNode): Block | undefined {
  const { type, content = [] } = node
  switch (type) {
    case 'paragraph':
      return content.length === 0 ? undefined : { type: 'paragraph', children: inline(content) }
    case 'heading': {
      const depth = Math.min(6, Math.max(1, Math.floor(numberAt(node, 'level', 1))))
      return { type: 'heading', depth: depth as 1, children: inline(content) }
    }
    case 'blockquote':
      return { type: 'blockquote', children: blocks(content) }
    case 'bulletList':
    case 'taskList':
      return { type: 'list', ordered: false, spread: false, children: content.map(item) }
    case 'orderedList': {
      const start = numberAt(node, 'start', 1)
      return { type: 'list', ordered: true, start, spread: false, children: content.map(item) }
    }
    case 'codeBlock': {
      const language = node.attrs?.['language']
      const lang = typeof language === 'string' && language !== '' ? { lang: language } : {}
      return { type: 'code', ...lang, value: content.map(({ text = '' }) => text).join('') }
    }
    case 'horizontalRule':
      return { type: 'thematicBreak' }
    case 'image':
      return { type: 'paragraph', children: inline([node]) }
    case 'table':
      return { type: 'table', children: rows(content) }
    default:
      throw unsupported(`a ${type}`)
  }
}

function item(node: ProseMirrorNode): ListItem {
  if (node.type !== 'listItem' && node.type !== 'taskItem') throw unsupported(`a ${node.type}`)
  const checked = node.type === 'taskItem' ? node.attrs?.['checked'] === true : null
  return { type: 'listItem', spread: false, checked, children: blocks(node.content ?? []) }
}

function rows(nodes: readonly ProseMirrorNode[]): TableRow[] {
  return nodes.map((row, index) => {
    if (row.type !== 'tableRow') throw unsupported(`a ${row.type}`)
    return {
      type: 'tableRow',
      children: (row.content ?? []).map((node) => cell(node, index === 0)),
    }
  })
}

function cell(node: ProseMirrorNode, isHead: boolean): TableCell {
  if (node.type !== (isHead ? 'tableHeader' : 'tableCell')) {
    throw unsupported('a table whose header cells are not exactly its first row')
  }
  if (numberAt(node, 'colspan', 1) !== 1 || numberAt(node, 'rowspan', 1) !== 1) {
    throw unsupported('a table cell that spans rows or columns')
  }
  const [only, more] = node.content ?? []
  if (more !== undefined || (only !== undefined && only.type !== 'paragraph')) {
    throw unsupported('a table cell with more than one paragraph')
  }
  const content = only?.content ?? []
  if (content.some(({ type }) => type === 'hardBreak')) {
    throw unsupported('a line break in a table cell')
  }
  return { type: 'tableCell', children: inline(content) }
}

function inline(nodes: readonly ProseMirrorNode[]): PhrasingContent[] {
  return nest(nodes.map((node) => ({ node, marks: outerMarks(node) })))
}

interface Marked {
  readonly node: ProseMirrorNode
  /** The marks still to be applied, outermost first. */
  readonly marks: readonly ProseMirrorMark[]
}

function outerMarks({ marks = [] }: ProseMirrorNode): readonly ProseMirrorMark[] {
  return nestingMarks.flatMap((name) => marks.find(({ type }) => type === name) ?? [])
}

/** Wraps the longest runs of nodes that share a mark. */
function nest(nodes: readonly Marked[]): PhrasingContent[] {
  const made: PhrasingContent[] = []
  for (let at = 0; at < nodes.length; ) {
    const first = nodes[at]
    if (first === undefined) break
    const [mark] = first.marks
    if (mark === undefined) {
      made.push(leaf(first.node))
      at += 1
      continue
    }
    const key = keyOf(mark)
    const run: Marked[] = []
    for (let next = nodes[at]; next?.marks.some((one) => keyOf(one) === key); next = nodes[at]) {
      run.push({ node: next.node, marks: next.marks.filter((one) => keyOf(one) !== key) })
      at += 1
    }
    made.push(around(mark, nest(run)))
  }
  return made
}

function keyOf({ type, attrs = {} }: ProseMirrorMark): string {
  return type === 'link' ? canonical([type, attrs['href'], attrs['title'] ?? null]) : type
}

function around(
  { type, attrs = {} }: ProseMirrorMark,
  children: PhrasingContent[],
): PhrasingContent {
  switch (type) {
    case 'link': {
      const { href, title } = attrs
      const titled = typeof title === 'string' ? { title } : {}
      return { type: 'link', url: typeof href === 'string' ? href : '', ...titled, children }
    }
    case 'bold':
      return { type: 'strong', children }
    case 'italic':
      return { type: 'emphasis', children }
    default:
      return { type: 'delete', children }
  }
}

function leaf(node: ProseMirrorNode): PhrasingContent {
  const { type, text, marks = [], attrs = {} } = node
  if (text !== undefined) {
    return { type: marks.some((mark) => mark.type === 'code') ? 'inlineCode' : 'text', value: text }
  }
  if (type === 'hardBreak') return { type: 'break' }
  if (type !== 'image') throw unsupported(`a ${type}`)
  const { src, alt, title } = attrs
  return {
    type: 'image',
    url: typeof src === 'string' ? src : '',
    ...(typeof alt === 'string' ? { alt } : {}),
    ...(typeof title === 'string' ? { title } : {}),
  }
}

function numberAt({ attrs = {} }: ProseMirrorNode, name: string, fallback: number): number {
  const value = attrs[name]
  return typeof value === 'number' ? value : fallback
}

function unsupported(what: string): ContentError {
  return new ContentError(
    'UNSUPPORTED_CONTENT',
    `the document contains ${what}, which Markdown cannot express`,
  )
}
