import { addressOf } from './marks.ts'
import type { PageNode } from './read-page.ts'

const elements: Readonly<Record<string, string>> = {
  paragraph: 'p',
  bulletList: 'ul',
  orderedList: 'ol',
  listItem: 'li',
  blockquote: 'blockquote',
  table: 'table',
  tableRow: 'tr',
  tableCell: 'td',
  tableHeader: 'th',
}

const markElements: Readonly<Record<string, string>> = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
}

/** Writes a page as a standalone HTML file. It runs no script and loads only the page's images. */
export function asHtml(title: string, { content = [] }: PageNode): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src https: http:">`,
    `<title>${escapeHtml(title)}</title>`,
    content.map(html).join('\n'),
    '</html>',
    '',
  ].join('\n')
}

function html(node: PageNode): string {
  const { type, attrs, text, content = [] } = node
  if (text !== undefined) return textHtml(node)
  const inner = content.map(html).join('')
  switch (type) {
    case 'heading': {
      const level = Number(attrs?.['level'])
      const name = `h${level >= 1 && level <= 6 ? Math.floor(level) : 1}`
      return `<${name}>${inner}</${name}>`
    }
    case 'codeBlock':
      return `<pre><code>${inner}</code></pre>`
    case 'horizontalRule':
      return '<hr>'
    case 'hardBreak':
      return '<br>'
    case 'image':
      return `<img src="${escapeHtml(addressOf(attrs))}" alt="${escapeHtml(String(attrs?.['alt'] ?? ''))}">`
    default: {
      const name = Object.hasOwn(elements, type) ? elements[type] : 'div'
      return `<${name}${spans(name, attrs)}>${inner}</${name}>`
    }
  }
}

function spans(name: string | undefined, attrs: PageNode['attrs']): string {
  if (name !== 'td' && name !== 'th') return ''
  return ['colspan', 'rowspan']
    .map((key) => [key, Number(attrs?.[key])] as const)
    .filter(([, span]) => Number.isInteger(span) && span > 1 && span <= 1_000)
    .map(([key, span]) => ` ${key}="${span}"`)
    .join('')
}

function textHtml({ text = '', marks = [] }: PageNode): string {
  let marked = escapeHtml(text)
  for (const { type, attrs } of marks) {
    const name = Object.hasOwn(markElements, type) ? markElements[type] : undefined
    if (name !== undefined) marked = `<${name}>${marked}</${name}>`
    const address = type === 'link' ? addressOf(attrs) : ''
    if (address !== '') {
      marked = `<a href="${escapeHtml(address)}" rel="noopener noreferrer">${marked}</a>`
    }
  }
  return marked
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
