import { createElement, type ReactNode } from 'react'
import { isWebAddress } from '../addresses.ts'
import type { ComparedNode } from './compare-pages.ts'

/** Levels that are drawn. Nobody writes as many; stored content may have any number. */
const depthMax = 100

const elements: Readonly<Record<string, string>> = {
  paragraph: 'p',
  bulletList: 'ul',
  orderedList: 'ol',
  listItem: 'li',
  blockquote: 'blockquote',
  tableRow: 'tr',
}

const markElements: Readonly<Record<string, string>> = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
}

/** Draws a page without an editor, with what was added and removed. */
export function PageContent({ page }: { readonly page: ComparedNode }) {
  return <div className="prose compared">{draw(page.content, 0)}</div>
}

function draw(nodes: readonly ComparedNode[] = [], depth: number): ReactNode {
  if (depth > depthMax) return null
  // biome-ignore lint/suspicious/noArrayIndexKey: what is drawn never changes its order.
  return nodes.map((node, index) => <Node key={index} node={node} depth={depth} />)
}

function Node({ node, depth }: { readonly node: ComparedNode; readonly depth: number }) {
  const { change } = node
  const drawn = node.text === undefined ? drawBlock(node, depth) : drawText(node)
  // A list or a table takes no such element between itself and its items: they hold it.
  if (change === undefined || isContainer(node)) return drawn
  return createElement(
    change === 'added' ? 'ins' : 'del',
    null,
    <span className="visually-hidden">{change === 'added' ? '[added:] ' : '[removed:] '}</span>,
    drawn,
    <span className="visually-hidden"> [end] </span>,
  )
}

function isContainer({ type }: ComparedNode): boolean {
  return /^(?:listItem|tableRow|tableCell|tableHeader)$/.test(type)
}

function drawText({ text = '', marks = [] }: ComparedNode): ReactNode {
  let drawn: ReactNode = text
  for (const { type, attrs } of marks) {
    const href: unknown = type === 'link' ? Object(attrs)['href'] : undefined
    if (isWebAddress(href)) {
      drawn = (
        <a href={String(href)} target="_blank" rel="noopener noreferrer nofollow">
          {drawn}
        </a>
      )
    } else if (Object.hasOwn(markElements, type)) {
      drawn = createElement(markElements[type] ?? 'span', null, drawn)
    }
  }
  return drawn
}

function drawBlock({ type, attrs = {}, content }: ComparedNode, depth: number): ReactNode {
  const inner = draw(content, depth + 1)
  switch (type) {
    case 'heading': {
      const level = Number(attrs['level'])
      return createElement(
        level === 1 || level === 2 || level === 3 ? `h${level}` : 'h3',
        null,
        inner,
      )
    }
    case 'codeBlock':
      return (
        <pre>
          <code>{inner}</code>
        </pre>
      )
    case 'hardBreak':
      return <br />
    case 'horizontalRule':
      return <hr />
    case 'image':
      return isWebAddress(attrs['src']) ? (
        <img src={String(attrs['src'])} alt={String(attrs['alt'] ?? '')} />
      ) : null
    case 'table':
      return (
        <div className="tableWrapper">
          <table>
            <tbody>{inner}</tbody>
          </table>
        </div>
      )
    case 'tableCell':
    case 'tableHeader': {
      const spans = { colSpan: spanOf(attrs['colspan']), rowSpan: spanOf(attrs['rowspan']) }
      return createElement(type === 'tableCell' ? 'td' : 'th', spans, inner)
    }
    default: {
      const name = Object.hasOwn(elements, type) ? elements[type] : undefined
      return createElement(name ?? 'div', null, inner)
    }
  }
}

function spanOf(value: unknown): number | undefined {
  const span = Number(value)
  return Number.isInteger(span) && span > 1 && span <= 1_000 ? span : undefined
}
