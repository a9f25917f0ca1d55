import { inlineText } from './as-text.ts'
import { addressOf, markOf } from './marks.ts'
import type { PageNode } from './read-page.ts'

/** Writes a page as Markdown. Content that Markdown cannot express becomes plain text. */
export function asMarkdown({ content = [] }: PageNode): string {
  return `${blocks(content).trim()}\n`
}

function blocks(nodes: readonly PageNode[]): string {
  return nodes.map(block).join('\n\n')
}

function block(node: PageNode): string {
  const { type, attrs, content = [] } = node
  switch (type) {
    case 'heading': {
      const level = Number(attrs?.['level'])
      return `${'#'.repeat(level >= 1 && level <= 6 ? level : 1)} ${inlines(content)}`
    }
    case 'bulletList':
      return content.map((item) => listItem('- ', item)).join('\n')
    case 'orderedList':
      return content.map((item, index) => listItem(`${index + 1}. `, item)).join('\n')
    case 'blockquote':
      return indent(blocks(content), '> ')
    case 'codeBlock': {
      const code = content.map(inlineText).join('')
      const fence = '`'.repeat(Math.max(3, ...runsOfTicks(code).map((run) => run + 1)))
      return `${fence}\n${code}\n${fence}`
    }
    case 'horizontalRule':
      return '---'
    case 'image':
      return inlines([node])
    case 'table':
      return table(content)
    default:
      return content.some(({ text, type: inner }) => text !== undefined || inner === 'hardBreak')
        ? inlines(content)
        : blocks(content)
  }
}

function listItem(mark: string, { content = [] }: PageNode): string {
  const [first = '', ...rest] = blocks(content).split('\n')
  const below = rest.map((line) => (line === '' ? '' : `${' '.repeat(mark.length)}${line}`))
  return [`${mark}${first}`, ...below].join('\n')
}

function indent(text: string, mark: string): string {
  return text
    .split('\n')
    .map((line) => `${mark}${line}`.trimEnd())
    .join('\n')
}

function table(rows: readonly PageNode[]): string {
  const [head = '', ...rest] = rows.map(({ content = [] }) => {
    const cells = content.map((cell) => {
      return blocks(cell.content ?? [])
        .replace(/\s*\n\s*/g, ' ')
        .replaceAll('|', '\\|')
    })
    return `| ${cells.join(' | ')} |`
  })
  const columns = rows[0]?.content?.length ?? 0
  return [head, `|${' --- |'.repeat(columns)}`, ...rest].join('\n')
}

function inlines(nodes: readonly PageNode[]): string {
  return nodes.map(inline).join('')
}

function inline(node: PageNode): string {
  const { type, attrs, text, content = [] } = node
  if (type === 'hardBreak') return '  \n'
  if (type === 'image')
    return `![${escapeMarkdown(String(attrs?.['alt'] ?? ''))}](<${addressOf(attrs)}>)`
  if (text === undefined) return inlines(content)
  if (markOf(node, 'code') !== undefined) return codeSpan(text)
  let marked = escapeMarkdown(text)
  for (const [mark, sign] of [
    ['bold', '**'],
    ['italic', '*'],
    ['strike', '~~'],
  ] as const) {
    // A delimiter beside a space is not markup, so spaces go outside of it.
    if (markOf(node, mark) !== undefined) {
      marked = marked.replace(/^(\s*)([\s\S]*?)(\s*)$/, `$1${sign}$2${sign}$3`)
    }
  }
  const link = addressOf(markOf(node, 'link')?.attrs)
  return link === '' ? marked : `[${marked}](<${link}>)`
}

function codeSpan(text: string): string {
  const ticks = '`'.repeat(Math.max(0, ...runsOfTicks(text)) + 1)
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${ticks}${space}${text}${space}${ticks}`
}

function runsOfTicks(text: string): readonly number[] {
  return (text.match(/`+/g) ?? []).map(({ length }) => length)
}

function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]<>]/g, '\\$&')
    .replace(/^(\s*)([#+-])(\s|$)/gm, '$1\\$2$3')
    .replace(/^(\s*\d+)([.)])(\s|$)/gm, '$1\\$2$3')
}
