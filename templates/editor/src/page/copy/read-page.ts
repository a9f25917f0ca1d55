import { type Doc, XmlElement, XmlFragment, XmlText } from 'yjs'

/** A node of a page in Tiptap's JSON format. */
export interface PageNode {
  readonly type: string
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly content?: readonly PageNode[]
  readonly text?: string
  readonly marks?: readonly { readonly type: string; readonly attrs?: unknown }[]
}

const depthMax = 200

/**
 * Reads a page without an editor, so it works for pages that an editor cannot show. Nodes that are
 * neither an element nor text are skipped.
 */
export function readPage(doc: Doc): PageNode {
  return { type: 'doc', content: contentOf(doc.getXmlFragment('default'), 0) }
}

function contentOf(parent: XmlFragment, depth: number): readonly PageNode[] {
  if (depth > depthMax) return []
  const children: readonly unknown[] = parent.toArray()
  return children.flatMap((child) => {
    if (child instanceof XmlElement) return [nodeOf(child, depth)]
    if (child instanceof XmlText) return textsOf(child)
    return typeof child === 'string' ? [{ type: 'text', text: child }] : []
  })
}

function nodeOf(element: XmlElement, depth: number): PageNode {
  const attrs = Object.entries(element.getAttributes()).filter(([, value]) => isPlain(value))
  const content = contentOf(element, depth + 1)
  return {
    type: element.nodeName,
    ...(attrs.length === 0 ? {} : { attrs: Object.fromEntries(attrs) }),
    ...(content.length === 0 ? {} : { content }),
  }
}

interface Piece {
  readonly insert: unknown
  readonly attributes?: Readonly<Record<string, unknown>>
}

function textsOf(text: XmlText): readonly PageNode[] {
  return (text.toDelta() as readonly Piece[]).flatMap(({ insert, attributes = {} }) => {
    if (typeof insert !== 'string' || insert === '') return []
    // Overlapping marks of one type have a hash appended to their name.
    const marks = Object.entries(attributes).map(([name, attrs]) => ({
      type: name.replace(/--[a-zA-Z0-9+/=]{8}$/, ''),
      ...(isPlain(attrs) && attrs !== true ? { attrs } : {}),
    }))
    return [{ type: 'text', text: insert, ...(marks.length === 0 ? {} : { marks }) }]
  })
}

function isPlain(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined && !(value instanceof XmlFragment)
  } catch {
    return false
  }
}

/** Whether a page has no content; a single empty paragraph counts as none. */
export function isEmptyPage({ content = [] }: PageNode): boolean {
  return content.every(
    ({ type, content: inner }) => type === 'paragraph' && (inner ?? []).length === 0,
  )
}
