import type { PageNode } from './read-page.ts'

/** The text of a page: one line per block with text. */
export function asText(page: PageNode): string {
  return linesOf(page).join('\n').trim()
}

function linesOf({ type, text, content = [] }: PageNode): readonly string[] {
  if (text !== undefined) return [text]
  if (type === 'horizontalRule') return ['—']
  if (type === 'tableRow') return [content.map((cell) => linesOf(cell).join(' ')).join('\t')]
  const isBlock = content.some((child) => child.text !== undefined || child.type === 'hardBreak')
  if (isBlock) return [content.map(inlineText).join('')]
  return content.length === 0 ? [''] : content.flatMap(linesOf)
}

/** The text of inline content. */
export function inlineText({ type, text, content = [] }: PageNode): string {
  if (type === 'hardBreak') return '\n'
  return text ?? content.map(inlineText).join('')
}
