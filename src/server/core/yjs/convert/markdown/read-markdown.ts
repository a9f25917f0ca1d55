import type {
  Definition,
  Image,
  ImageReference,
  Link,
  LinkReference,
  List,
  ListItem,
  Nodes,
  PhrasingContent,
  Root,
  Table,
} from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { canonical } from '../canonical.ts'
import type { ProseMirrorMark, ProseMirrorNode } from '../prosemirror-json.ts'
import { checkMarkdownShape, checkTree } from './markdown-shape.ts'

/** Whether images are inline or block nodes in the editor's schema. */
export type ImagePlace = 'inline' | 'block'

interface Reading {
  readonly source: string
  readonly images: ImagePlace
  /** Link definitions by name. */
  readonly definitions: ReadonlyMap<string, Definition>
}

/**
 * Converts GitHub Flavored Markdown to the content of a ProseMirror document with tiptap's names of
 * nodes and marks. Any text is valid Markdown. HTML and footnotes become text, as written. Throws
 * BAD_CONTENT for Markdown that is nested too deeply or would take too long to parse.
 */
export function readMarkdown(source: string, images: ImagePlace): readonly ProseMirrorNode[] {
  checkMarkdownShape(source)
  const root = fromMarkdown(source, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  })
  checkTree(root)
  const reading = { source, images, definitions: definitionsIn(root) }
  return blocks(root.children, reading)
}

function definitionsIn(root: Root): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>()
  const visit = (node: Nodes): void => {
    if (node.type === 'definition' && !definitions.has(node.identifier)) {
      definitions.set(node.identifier, node)
    }
    if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(root)
  return definitions
}

function blocks(nodes: readonly Nodes[], reading: Reading): readonly ProseMirrorNode[] {
  return nodes.flatMap((node) => block(node, reading))
}

function block(node: Nodes, reading: Reading): readonly ProseMirrorNode[] {
  switch (node.type) {
    case 'paragraph':
      return paragraphs(inline(node.children, [], reading), reading.images)
    case 'heading': {
      const content = inline(node.children, [], reading)
      return [{ type: 'heading', attrs: { level: node.depth }, ...withContent(content) }]
    }
    case 'blockquote':
      return [{ type: 'blockquote', content: atLeastParagraph(blocks(node.children, reading)) }]
    case 'list':
      return lists(node, reading)
    case 'code': {
      const { lang, value } = node
      return [
        {
          type: 'codeBlock',
          ...(typeof lang === 'string' ? { attrs: { language: lang } } : {}),
          ...(value === '' ? {} : { content: [{ type: 'text', text: value }] }),
        },
      ]
    }
    case 'thematicBreak':
      return [{ type: 'horizontalRule' }]
    case 'table':
      return [tableOf(node, reading)]
    case 'definition':
      return []
    default:
      return paragraphs(plain(sourceOf(node, reading), []), reading.images)
  }
}

/** A paragraph, or several split around block images. */
function paragraphs(
  content: readonly ProseMirrorNode[],
  images: ImagePlace,
): readonly ProseMirrorNode[] {
  const made: ProseMirrorNode[] = []
  let texts: ProseMirrorNode[] = []
  const flush = (): void => {
    if (texts.length > 0) made.push({ type: 'paragraph', content: texts })
    texts = []
  }
  for (const node of content) {
    if (node.type !== 'image' || images === 'inline') texts.push(node)
    else {
      flush()
      made.push(node)
    }
  }
  flush()
  return made
}

function withContent(content: readonly ProseMirrorNode[]): Pick<ProseMirrorNode, 'content'> {
  return content.length === 0 ? {} : { content }
}

function atLeastParagraph(nodes: readonly ProseMirrorNode[]): readonly ProseMirrorNode[] {
  return nodes.length === 0 ? [{ type: 'paragraph' }] : nodes
}

/** A list, or several if items with and without checkboxes are mixed. */
function lists(list: List, reading: Reading): readonly ProseMirrorNode[] {
  const made: ProseMirrorNode[] = []
  let start = list.start ?? 1
  for (const [isTask, items] of runsOf(list.children)) {
    const content = items.map((one) => itemOf(one, reading))
    if (isTask) made.push({ type: 'taskList', content })
    else if (list.ordered === true) made.push({ type: 'orderedList', attrs: { start }, content })
    else made.push({ type: 'bulletList', content })
    start += items.length
  }
  return made
}

function runsOf(items: readonly ListItem[]): readonly (readonly [boolean, readonly ListItem[]])[] {
  const runs: [boolean, ListItem[]][] = []
  for (const item of items) {
    const isTask = typeof item.checked === 'boolean'
    const run = runs.at(-1)
    if (run?.[0] === isTask) run[1].push(item)
    else runs.push([isTask, [item]])
  }
  return runs
}

function itemOf({ checked, children }: ListItem, reading: Reading): ProseMirrorNode {
  const content = blocks(children, reading)
  // Editors require an item to begin with a paragraph.
  const whole =
    content[0]?.type === 'paragraph' ? content : [{ type: 'paragraph' } as const, ...content]
  if (typeof checked !== 'boolean') return { type: 'listItem', content: whole }
  return { type: 'taskItem', attrs: { checked }, content: whole }
}

function tableOf({ children }: Table, reading: Reading): ProseMirrorNode {
  const columns = children[0]?.children.length ?? 0
  return {
    type: 'table',
    content: children.map((row, index) => ({
      type: 'tableRow',
      content: Array.from({ length: columns }, (_, column) => {
        const content = inline(row.children[column]?.children ?? [], [], reading)
        const texts = content.filter(({ type }) => type !== 'image' || reading.images === 'inline')
        return {
          type: index === 0 ? 'tableHeader' : 'tableCell',
          content: [{ type: 'paragraph', ...withContent(texts) }],
        }
      }),
    })),
  }
}

function inline(
  nodes: readonly PhrasingContent[],
  marks: readonly ProseMirrorMark[],
  reading: Reading,
): readonly ProseMirrorNode[] {
  return joined(nodes.flatMap((node) => inlineOf(node, marks, reading)))
}

/** Joins adjacent texts with the same marks. */
function joined(nodes: readonly ProseMirrorNode[]): readonly ProseMirrorNode[] {
  const made: ProseMirrorNode[] = []
  for (const node of nodes) {
    const last = made.at(-1)
    const isSame =
      last?.text !== undefined &&
      node.text !== undefined &&
      canonical(last.marks ?? []) === canonical(node.marks ?? [])
    if (isSame) made[made.length - 1] = { ...last, text: `${last.text}${node.text}` }
    else made.push(node)
  }
  return made
}

function inlineOf(
  node: PhrasingContent,
  marks: readonly ProseMirrorMark[],
  reading: Reading,
): readonly ProseMirrorNode[] {
  const within = (mark: ProseMirrorMark, children: readonly PhrasingContent[]) =>
    inline(children, [...marks, mark], reading)
  switch (node.type) {
    case 'text':
      return plain(node.value, marks)
    case 'inlineCode':
      return plain(node.value, [...marks, { type: 'code' }])
    case 'strong':
      return within({ type: 'bold' }, node.children)
    case 'emphasis':
      return within({ type: 'italic' }, node.children)
    case 'delete':
      return within({ type: 'strike' }, node.children)
    case 'break':
      return [{ type: 'hardBreak' }]
    case 'link':
      return within(linkMark(node), node.children)
    case 'image':
      return [imageNode(node)]
    case 'linkReference':
    case 'imageReference':
      return reference(node, marks, reading)
    default:
      return plain(sourceOf(node, reading), marks)
  }
}

function reference(
  node: LinkReference | ImageReference,
  marks: readonly ProseMirrorMark[],
  reading: Reading,
): readonly ProseMirrorNode[] {
  const definition = reading.definitions.get(node.identifier)
  if (definition === undefined) return plain(sourceOf(node, reading), marks)
  const { url, title } = definition
  if (node.type === 'imageReference') return [imageNode({ url, title, alt: node.alt })]
  return inline(node.children, [...marks, linkMark({ url, title })], reading)
}

function linkMark({ url, title }: Pick<Link, 'url' | 'title'>): ProseMirrorMark {
  return {
    type: 'link',
    attrs: { href: url, ...(typeof title === 'string' ? { title } : {}) },
  }
}

function imageNode({ url, alt, title }: Pick<Image, 'url' | 'alt' | 'title'>): ProseMirrorNode {
  const attrs = {
    src: url,
    ...(typeof alt === 'string' && alt !== '' ? { alt } : {}),
    ...(typeof title === 'string' ? { title } : {}),
  }
  return { type: 'image', attrs }
}

/** Plain text; a soft line break becomes a space, as in rendered Markdown. */
function plain(value: string, marks: readonly ProseMirrorMark[]): readonly ProseMirrorNode[] {
  const text = value.replaceAll(/\r?\n/g, ' ')
  if (text === '') return []
  return [{ type: 'text', text, ...(marks.length === 0 ? {} : { marks }) }]
}

/** The source text of a node that ProseMirror cannot express. */
function sourceOf({ position }: Nodes, { source }: Reading): string {
  return source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)
}
