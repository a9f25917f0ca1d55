import type * as Y from 'yjs'
import { align } from '../align.ts'
import { canonical } from '../canonical.ts'
import type { ProseMirrorMark, ProseMirrorNode } from '../prosemirror-json.ts'
import { readDocument } from '../prosemirror-read.ts'
import { putContent, type Scope } from '../prosemirror-write.ts'
import { type ImagePlace, readMarkdown } from './read-markdown.ts'
import { writeMarkdown } from './write-markdown.ts'

/** The marks and attributes that Markdown expresses. Others stay on text and nodes that stay. */
const scope: Scope = {
  ownsMark: (name) => ['bold', 'italic', 'strike', 'code', 'link'].includes(name),
  ownsAttribute: (node, name) => (attributes[node] ?? []).includes(name),
}

const attributes: Readonly<Record<string, readonly string[]>> = {
  heading: ['level'],
  orderedList: ['start'],
  taskItem: ['checked'],
  codeBlock: ['language'],
  image: ['src', 'alt', 'title'],
}

/**
 * Applies the differences between the document's current Markdown and the given one. Unchanged
 * blocks are not touched; changed blocks keep what Markdown cannot express. Throws
 * UNSUPPORTED_CONTENT if the document cannot be written as Markdown. Call it in a transaction.
 */
export function putMarkdown(fragment: Y.XmlFragment, markdown: string): void {
  const doc = readDocument(fragment)
  if (writeMarkdown(doc) === markdown) return
  const images = hasInlineImage(doc) ? 'inline' : 'block'
  const wanted = readMarkdown(markdown, images).map(adoptLinks(doc))
  putContent(fragment, { type: 'doc', content: merge(doc.content ?? [], wanted, images) }, scope)
}

/** The wanted blocks; those with unchanged Markdown are replaced by the document's own. */
function merge(
  blocks: readonly ProseMirrorNode[],
  wanted: readonly ProseMirrorNode[],
  images: ImagePlace,
): readonly ProseMirrorNode[] {
  const adopt = adoptLinks({ type: 'doc', content: blocks })
  // A block reads back as one, several (a list of items with and without checkboxes) or none (an
  // empty paragraph).
  const parts = blocks.flatMap((block, index) =>
    readMarkdown(writeMarkdown({ type: 'doc', content: [block] }), images)
      .map(adopt)
      .map((node) => ({ key: canonical(node), index })),
  )
  const partsOf = new Map<number, number>()
  for (const { index } of parts) partsOf.set(index, (partsOf.get(index) ?? 0) + 1)
  const steps = align({ old: parts.map(({ key }) => key), wanted: wanted.map(canonical) })
  const keptOf = new Map<number, number>()
  for (const step of steps) {
    const index = step.kind === 'keep' ? parts[step.old]?.index : undefined
    if (index !== undefined) keptOf.set(index, (keptOf.get(index) ?? 0) + 1)
  }
  const isKept = (index: number): boolean => keptOf.get(index) === partsOf.get(index)
  const merged: ProseMirrorNode[] = []
  const taken = new Set<number>()
  let next = 0
  const passTo = (index: number): void => {
    for (; next < index; next += 1) {
      const block = blocks[next]
      if (block !== undefined && !partsOf.has(next)) merged.push(block)
    }
  }
  for (const step of steps) {
    const index = step.kind === 'add' ? undefined : parts[step.old]?.index
    if (index !== undefined) passTo(index)
    const block = index === undefined || !isKept(index) ? undefined : blocks[index]
    if (index !== undefined && block !== undefined && !taken.has(index)) {
      taken.add(index)
      merged.push(block)
    }
    const node = step.kind === 'remove' ? undefined : wanted[step.wanted]
    if (block === undefined && node !== undefined) merged.push(node)
  }
  passTo(blocks.length)
  return merged
}

function hasInlineImage({ type, content = [] }: ProseMirrorNode): boolean {
  const isInline = type === 'paragraph' || type === 'heading'
  return content.some((node) => (isInline && node.type === 'image') || hasInlineImage(node))
}

/**
 * Copies attributes that Markdown lacks from the document's existing links with the same URL.
 */
function adoptLinks(doc: ProseMirrorNode): (node: ProseMirrorNode) => ProseMirrorNode {
  const known = new Map<string, ProseMirrorMark>()
  const learn = ({ marks = [], content = [] }: ProseMirrorNode): void => {
    for (const mark of marks) {
      if (mark.type === 'link' && !known.has(linkKey(mark))) known.set(linkKey(mark), mark)
    }
    for (const child of content) learn(child)
  }
  learn(doc)
  const adopt = (node: ProseMirrorNode): ProseMirrorNode => {
    const { marks, content } = node
    return {
      ...node,
      ...(marks === undefined ? {} : { marks: marks.map((one) => known.get(linkKey(one)) ?? one) }),
      ...(content === undefined ? {} : { content: content.map(adopt) }),
    }
  }
  return adopt
}

function linkKey({ type, attrs = {} }: ProseMirrorMark): string {
  return canonical([type, attrs['href'] ?? null, attrs['title'] ?? null])
}
