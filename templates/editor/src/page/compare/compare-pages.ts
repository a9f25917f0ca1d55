import { diffArrays } from 'diff'
import type { PageNode } from '../copy/read-page.ts'

/** A node of a page beside an earlier version of it. */
export interface ComparedNode extends PageNode {
  /** Of text, and of what holds no text. Absent: it is the same in both. */
  readonly change?: 'added' | 'removed'
  readonly content?: readonly ComparedNode[]
}

/** How different two lists may be before they are shown as one removed and the other added. */
const editsMax = 1_000
/** Words that are compared in all. What is beyond is shown removed and added as a whole. */
const wordsMax = 100_000
/** Levels of lists in lists and the like that are compared. */
const depthMax = 12
/** How far ahead the earlier form of a paragraph is looked for. */
const lookAhead = 20

/** What was added to a page and removed from it. The work is bounded, however large the pages. */
export function comparePages(before: PageNode, after: PageNode): ComparedNode {
  return compareNodes(before, after, { words: wordsMax, known: new Map(), depth: 0 })
}

/** How many stretches were added and removed. */
export function countChanges(node: ComparedNode): { added: number; removed: number } {
  const count = { added: 0, removed: 0 }
  let last: ComparedNode['change']
  const visit = ({ change, text, content = [] }: ComparedNode) => {
    if (change !== undefined && change !== last) count[change] += 1
    if (text !== undefined || change !== undefined) last = change
    for (const child of content) visit(child)
  }
  visit(node)
  return count
}

interface Work {
  /** Words that may still be compared. */
  words: number
  /** The words of what was looked at. */
  readonly known: Map<PageNode, ReadonlySet<string>>
  readonly depth: number
}

function compareNodes(before: PageNode, after: PageNode, work: Work): ComparedNode {
  const content =
    isTextBlock(before) && isTextBlock(after)
      ? compareText(before, after, work)
      : compareBlocks(before.content ?? [], after.content ?? [], work)
  return { ...after, content }
}

function isTextBlock({ content = [] }: PageNode): boolean {
  return content.length > 0 && content.every(isInline)
}

function isInline({ type, text }: PageNode): boolean {
  return text !== undefined || type === 'hardBreak'
}

function compareBlocks(
  before: readonly PageNode[],
  after: readonly PageNode[],
  work: Work,
): readonly ComparedNode[] {
  const hunks = diff(before, after)
  return hunks.flatMap(({ value, added, removed }, index) => {
    if (added === true && hunks[index - 1]?.removed === true) {
      return pairUp(hunks[index - 1]?.value ?? [], value, work)
    }
    if (removed === true && hunks[index + 1]?.added === true) return []
    const change = added === true ? 'added' : removed === true ? 'removed' : undefined
    return change === undefined ? value : value.map((node) => mark(node, change))
  })
}

/** Finds for each new node the old one that it was, if any, and compares the two. */
function pairUp(
  before: readonly PageNode[],
  after: readonly PageNode[],
  work: Work,
): readonly ComparedNode[] {
  const compared: ComparedNode[] = []
  const deeper = { ...work, depth: work.depth + 1 }
  let next = 0
  for (const node of after) {
    const ahead = before.slice(next, next + lookAhead)
    const found = ahead.findIndex((earlier) => isAlike(earlier, node, work))
    const earlier = ahead[found]
    if (earlier === undefined || work.depth >= depthMax) {
      compared.push(mark(node, 'added'))
      continue
    }
    compared.push(...ahead.slice(0, found).map((one) => mark(one, 'removed')))
    compared.push(compareNodes(earlier, node, deeper))
    work.words = deeper.words
    next += found + 1
  }
  const rest = before.slice(next).map((one) => mark(one, 'removed'))
  // What is gone stands before what came in its place.
  return next === 0 ? [...rest, ...compared] : [...compared, ...rest]
}

/** Whether one could be an edit of the other: the same type, and half of the words in common. */
function isAlike(one: PageNode, other: PageNode, { known }: Work): boolean {
  if (one.type !== other.type) return false
  const words = vocabularyOf(one, known)
  const others = vocabularyOf(other, known)
  const shared = [...words].filter((word) => others.has(word)).length
  return shared * 2 >= Math.min(words.size, others.size)
}

/** The first words of a node. */
function vocabularyOf(node: PageNode, known: Work['known']): ReadonlySet<string> {
  const before = known.get(node)
  if (before !== undefined) return before
  const parts = Array.from(segments.segment(textOf(node, 0).slice(0, 1_000)))
  const words = new Set(parts.filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment))
  known.set(node, words)
  return words
}

function textOf({ text, content = [] }: PageNode, depth: number): string {
  if (depth > depthMax) return ''
  const separator = content.some(isInline) ? '' : ' '
  return text ?? content.map((child) => textOf(child, depth + 1)).join(separator)
}

function compareText(before: PageNode, after: PageNode, work: Work): readonly ComparedNode[] {
  const old = (before.content ?? []).flatMap(splitWords)
  const now = (after.content ?? []).flatMap(splitWords)
  work.words -= old.length + now.length
  if (work.words < 0) {
    return [
      ...(before.content ?? []).map((node) => mark(node, 'removed')),
      ...(after.content ?? []).map((node) => mark(node, 'added')),
    ]
  }
  return join(
    diff(old, now).flatMap(({ value, added, removed }) =>
      value.map((node) => {
        if (added === true) return mark(node, 'added')
        return removed === true ? mark(node, 'removed') : node
      }),
    ),
  )
}

function diff(before: readonly PageNode[], after: readonly PageNode[]) {
  const old = before.map(withKey)
  const now = after.map(withKey)
  const hunks = diffArrays(old, now, {
    comparator: (left, right) => left.key === right.key,
    maxEditLength: editsMax,
  }) ?? [
    { value: old, removed: true, added: false },
    { value: now, removed: false, added: true },
  ]
  return hunks.map(({ value, added, removed }) => ({
    value: value.map(({ node }) => node),
    added,
    removed,
  }))
}

function withKey(node: PageNode): { readonly key: string; readonly node: PageNode } {
  return { key: JSON.stringify(node), node }
}

const segments = new Intl.Segmenter(undefined, { granularity: 'word' })

function wordsOf(text: string): readonly string[] {
  return Array.from(segments.segment(text), ({ segment }) => segment)
}

function splitWords(node: PageNode): readonly PageNode[] {
  if (node.text === undefined) return [node]
  return wordsOf(node.text).map((text) => ({ ...node, text }))
}

/** Puts words together again that look the same. */
function join(nodes: readonly ComparedNode[]): readonly ComparedNode[] {
  const joined: ComparedNode[] = []
  for (const node of nodes) {
    const last = joined.at(-1)
    const isSame =
      last?.text !== undefined &&
      node.text !== undefined &&
      last.change === node.change &&
      JSON.stringify(last.marks) === JSON.stringify(node.marks)
    if (isSame) joined[joined.length - 1] = { ...last, text: `${last.text}${node.text}` }
    else joined.push(node)
  }
  return joined
}

/** Marks all that is in a node. */
function mark(node: PageNode, change: 'added' | 'removed'): ComparedNode {
  const { content = [] } = node
  if (content.length === 0) return { ...node, change }
  return { ...node, content: content.map((child) => mark(child, change)) }
}
