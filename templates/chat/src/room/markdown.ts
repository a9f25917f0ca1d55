import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal'
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough'
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal'
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough'
import { safeHref, splitLinks } from './links.ts'
import { mentionedId } from './mentions.ts'

/** Part of a line. There is no markup in it that a message could bring along: only these kinds. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: 'mention'; readonly id: string; readonly name: string }

/** A block element of a message. */
export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | {
      readonly kind: 'list'
      /** The first number; undefined for a list of bullets. */
      readonly start: number | undefined
      readonly items: readonly (readonly Block[])[]
    }

type Root = ReturnType<typeof fromMarkdown>
type RootNode = Root['children'][number]
type Phrasing = Extract<RootNode, { type: 'paragraph' }>['children'][number]

const options = {
  extensions: [
    gfmStrikethrough({ singleTilde: false }),
    gfmAutolinkLiteral(),
    {
      // What a chat has no use for stays as it was typed: markup, headings, images, entities.
      disable: {
        null: [
          'characterReference',
          'codeIndented',
          'definition',
          'headingAtx',
          'htmlFlow',
          'htmlText',
          'labelStartImage',
          'setextUnderline',
          'thematicBreak',
        ],
      },
    },
  ],
  mdastExtensions: [gfmStrikethroughFromMarkdown(), gfmAutolinkLiteralFromMarkdown()],
}

/** Marks in one message. Some sequences of them take time that grows with their square. */
const marksMax = 500
const mark = /[*_~[`]|^[ \t]*[-+>]/gm
/** More than eight quotes or lists opened on one line. */
const deeplyNested = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])[ \t])){9}/m
/** Nesting that is rendered; text further in is shown without its marks. */
const depthMax = 10

/** Parses a message as Markdown. Input that is too expensive to parse becomes plain text. */
export function parseMarkdown(source: string): readonly Block[] {
  if (deeplyNested.test(source) || (source.match(mark)?.length ?? 0) > marksMax) {
    return [plainParagraph(source)]
  }
  const blocks = toBlocks(fromMarkdown(source, options).children, source, 0)
  return textOfBlocks(blocks).trim() === '' ? [plainParagraph(source)] : blocks
}

/** The text of a message without its marks, on one line: for quotes and announcements. */
export function plainText(source: string): string {
  return textOfBlocks(parseMarkdown(source)).replace(/\s+/g, ' ').trim()
}

function plainParagraph(source: string): Block {
  return { kind: 'paragraph', children: toLinks(source) }
}

function toBlocks(nodes: readonly RootNode[], source: string, depth: number): readonly Block[] {
  return nodes.flatMap((node) => toBlock(node, source, depth))
}

function toBlock(node: RootNode, source: string, depth: number): readonly Block[] {
  if (depth > depthMax) return [plainParagraph(sourceOf(node, source))]
  switch (node.type) {
    case 'paragraph':
      return [{ kind: 'paragraph', children: toInlines(node.children, source, depth + 1) }]
    case 'code':
      return [{ kind: 'code', text: node.value }]
    case 'blockquote':
      return [{ kind: 'quote', children: toBlocks(node.children, source, depth + 1) }]
    case 'list':
      return [
        {
          kind: 'list',
          start: node.ordered === true ? (node.start ?? 1) : undefined,
          items: node.children.map((item) => toBlocks(item.children, source, depth + 1)),
        },
      ]
    default:
      return [plainParagraph(sourceOf(node, source))]
  }
}

function toInlines(nodes: readonly Phrasing[], source: string, depth: number): readonly Inline[] {
  return nodes.flatMap((node) => toInline(node, source, depth))
}

function toInline(node: Phrasing, source: string, depth: number): readonly Inline[] {
  if (depth > depthMax) return [{ kind: 'text', text: sourceOf(node, source) }]
  switch (node.type) {
    case 'text':
      return toLinks(node.value)
    case 'break':
      return [{ kind: 'text', text: '\n' }]
    case 'inlineCode':
      return [{ kind: 'code', text: node.value }]
    case 'strong':
      return [{ kind: 'strong', children: toInlines(node.children, source, depth + 1) }]
    case 'emphasis':
      return [{ kind: 'emphasis', children: toInlines(node.children, source, depth + 1) }]
    case 'delete':
      return [{ kind: 'strike', children: toInlines(node.children, source, depth + 1) }]
    case 'link':
      return toLink(node, source, depth)
    default:
      return [{ kind: 'text', text: sourceOf(node, source) }]
  }
}

function toLink(
  node: Extract<Phrasing, { type: 'link' }>,
  source: string,
  depth: number,
): readonly Inline[] {
  const written = sourceOf(node, source)
  const children = toInlines(node.children, source, depth + 1)
  const id = mentionedId(node.url)
  if (id !== undefined) {
    return [{ kind: 'mention', id, name: textOfInlines(children).replace(/^@/, '') }]
  }
  // An address as it stands in the text: where it ends is decided in one place.
  if (!/^[[<]/.test(written) && /^https?:/i.test(node.url)) return toLinks(textOfInlines(children))
  const href = safeHref(node.url)
  if (href === undefined) return [{ kind: 'text', text: written || textOfInlines(children) }]
  return [{ kind: 'link', href, children: withoutLinks(children) }]
}

/** A link in a link is no HTML. */
function withoutLinks(nodes: readonly Inline[]): readonly Inline[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'link') return withoutLinks(node.children)
    if (!('children' in node)) return [node]
    return [{ ...node, children: withoutLinks(node.children) }]
  })
}

function toLinks(text: string): readonly Inline[] {
  return splitLinks(text).map((part) =>
    part.href === undefined
      ? { kind: 'text', text: part.text }
      : { kind: 'link', href: part.href, children: [{ kind: 'text', text: part.text }] },
  )
}

function sourceOf({ position }: RootNode, source: string): string {
  return source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)
}

function textOfBlocks(blocks: readonly Block[]): string {
  return blocks.map(textOfBlock).join('\n')
}

function textOfBlock(block: Block): string {
  switch (block.kind) {
    case 'code':
      return block.text
    case 'paragraph':
      return textOfInlines(block.children)
    case 'quote':
      return textOfBlocks(block.children)
    case 'list':
      return block.items.map(textOfBlocks).join('\n')
  }
}

function textOfInlines(nodes: readonly Inline[]): string {
  return nodes.map(textOfInline).join('')
}

function textOfInline(node: Inline): string {
  if (node.kind === 'mention') return `@${node.name}`
  return 'children' in node ? textOfInlines(node.children) : node.text
}

/** The addresses that a message links to, in order, each once. */
export function linksOf(blocks: readonly Block[]): readonly string[] {
  return [...new Set(blocks.flatMap(linksOfBlock))]
}

function linksOfBlock(block: Block): readonly string[] {
  switch (block.kind) {
    case 'code':
      return []
    case 'paragraph':
      return block.children.flatMap(linksOfInline)
    case 'quote':
      return block.children.flatMap(linksOfBlock)
    case 'list':
      return block.items.flat().flatMap(linksOfBlock)
  }
}

function linksOfInline(node: Inline): readonly string[] {
  if (node.kind === 'link') return [node.href]
  return 'children' in node ? node.children.flatMap(linksOfInline) : []
}
