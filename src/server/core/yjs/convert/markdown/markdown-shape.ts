import type { Nodes } from 'mdast'
import { ContentError } from '../content-error.ts'

/** How deep block quotes and lists may be nested in one another. */
export const markdownNestingMax = 64

/** Levels of the parsed tree: a list takes two for each level, and text marks take some. */
const treeDepthMax = 2 * markdownNestingMax + 32

/**
 * What the parser may cost, as the sum over all paragraphs of the square of the number of
 * delimiters (and of lines that go on with a quote or list without its marker) in each: the parser
 * is quadratic in those. One paragraph of 4,000, or 1,600 of 100.
 */
const inlineCostMax = 16_000_000

/** `[a][b]` and `*a**b*`: characters that open or close something in a text. */
const delimiters = new Set('*_~[]`')

const ruleOrEmpty = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})$/
const fence = /^(?:`{3,}[^`]*|~{3,}.*)$/
const tableDelimiter = /^[ \t>|:-]*-[ \t>|:-]*$/

/** Cells of all tables together. */
const cellsMax = 50_000

interface Prefix {
  /** Block quotes and list items that begin in this line. */
  readonly markers: number
  readonly columns: number
  /** Where the text begins. */
  readonly end: number
}

/**
 * Refuses Markdown that would take the parser longer than its length justifies, in one pass over
 * the text. Throws BAD_CONTENT.
 */
export function checkMarkdownShape(source: string): void {
  let depth = 0
  let cost = 0
  let inBlock = 0
  let isTable = false
  let isCode = false
  let isBlankBefore = true
  const endBlock = (): void => {
    cost += inBlock * inBlock
    inBlock = 0
  }
  for (let from = 0; from < source.length; ) {
    const to = lineEnd(source, from)
    const prefix = prefixOf(source, from, to)
    if (prefix.markers > 0) {
      // Spaces keep list items open that an earlier line began, two columns or more for each.
      depth = prefix.markers + Math.min(depth, prefix.columns >> 1)
      if (depth > markdownNestingMax) throw tooDeep()
    } else if (isBlankBefore && prefix.end < to) depth = Math.min(depth, prefix.columns >> 1)
    const line = source.slice(from, to)
    if (fence.test(source.slice(prefix.end, to))) isCode = !isCode
    if (prefix.end === to) isTable = false
    else if (line.includes('|') && tableDelimiter.test(line)) isTable = true
    // A list item, a table row and a line of code are separate texts.
    if (prefix.end === to || prefix.markers > 0 || isTable || isCode) endBlock()
    inBlock += delimitersIn(source, prefix.end, to)
    // A line may go on with a paragraph in a quote or list without saying so again, at that cost.
    if (prefix.markers === 0 && prefix.end < to) {
      inBlock += Math.max(0, depth - (prefix.columns >> 1))
    }
    isBlankBefore = prefix.end === to
    if (cost + inBlock * inBlock > inlineCostMax) throw tooDense()
    from = to + 1
  }
}

/** Refuses a parsed tree that is too deep or too wide for what follows. Throws BAD_CONTENT. */
export function checkTree(root: Nodes): void {
  let level: Nodes[] = [root]
  let cells = 0
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > treeDepthMax) throw tooDeep()
    const below: Nodes[] = []
    for (const node of level) {
      if (node.type === 'table') {
        // Each row has as many cells as the first, also where they were not written.
        cells += node.children.length * (node.children[0]?.children.length ?? 0)
        if (cells > cellsMax) throw tooManyCells()
      }
      if ('children' in node) for (const child of node.children) below.push(child)
    }
    level = below
  }
}

function tooDeep(): ContentError {
  return new ContentError(
    'BAD_CONTENT',
    `the Markdown is nested deeper than ${markdownNestingMax} levels`,
  )
}

function tooManyCells(): ContentError {
  return new ContentError('BAD_CONTENT', `the tables have more than ${cellsMax} cells`)
}

function tooDense(): ContentError {
  return new ContentError(
    'BAD_CONTENT',
    'the Markdown has paragraphs with too many of the characters * _ ~ [ ] `',
  )
}

function lineEnd(source: string, from: number): number {
  let to = from
  while (to < source.length && source[to] !== '\n' && source[to] !== '\r') to += 1
  return to
}

/** What stands before the text of a line. */
function prefixOf(source: string, from: number, to: number): Prefix {
  let markers = 0
  let columns = 0
  let at = from
  let mayBeRule = true
  while (at < to) {
    const character = source[at]
    if (character === ' ' || character === '\t') {
      columns += character === ' ' ? 1 : 4
      at += 1
      continue
    }
    if (mayBeRule && (character === '-' || character === '*')) {
      mayBeRule = false
      if (ruleOrEmpty.test(source.slice(at, to))) break
    }
    const length = character === '>' ? 1 : listMarker(source, at, to)
    if (length === 0) break
    markers += 1
    at += length
  }
  return { markers, columns, end: at }
}

/** Characters of the list marker that begins here; 0 where there is none. */
function listMarker(source: string, from: number, to: number): number {
  let at = from
  if ('-*+'.includes(source[at] ?? ' ')) at += 1
  else {
    while (at < to && at - from < 9 && isDigit(source[at])) at += 1
    if (at === from || (source[at] !== '.' && source[at] !== ')')) return 0
    at += 1
  }
  const isMarker = at >= to || source[at] === ' ' || source[at] === '\t'
  return isMarker ? at - from : 0
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

function delimitersIn(source: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at += 1) if (delimiters.has(source[at] ?? '')) count += 1
  return count
}
