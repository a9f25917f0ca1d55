import { fileNameOf } from '../../pages.ts'
import { asHtml } from './as-html.ts'
import { asMarkdown } from './as-markdown.ts'
import { asText } from './as-text.ts'
import type { PageNode } from './read-page.ts'

/** A file format for saving a page. */
export interface Format {
  readonly label: string
  readonly hint: string
  readonly ending: string
  readonly type: string
  readonly write: (title: string, page: PageNode) => string
}

export const formats: readonly Format[] = [
  {
    label: 'Web page',
    hint: 'To read, print or paste elsewhere',
    ending: 'html',
    type: 'text/html',
    write: (title, page) => asHtml(title, withTitle(title, page)),
  },
  {
    label: 'Markdown',
    hint: 'Text with markup for headings, lists and links',
    ending: 'md',
    type: 'text/markdown',
    write: (title, page) => asMarkdown(withTitle(title, page)),
  },
  {
    label: 'Text',
    hint: 'Without formatting',
    ending: 'txt',
    type: 'text/plain',
    write: (title, page) => `${asText(withTitle(title, page))}\n`,
  },
  {
    label: 'JSON',
    hint: 'The complete content, for other programs',
    ending: 'json',
    type: 'application/json',
    write: (_title, page) => `${JSON.stringify(page, null, 2)}\n`,
  },
]

/** The title is the first heading of what is read elsewhere. */
function withTitle(title: string, { type, content = [] }: PageNode): PageNode {
  const heading = { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: title }] }
  return { type, content: [heading, ...content] }
}

/** Downloads a page as a file. */
export function download(title: string, page: PageNode, format: Format): void {
  const file = new Blob([format.write(title, page)], { type: `${format.type};charset=utf-8` })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `${fileNameOf(title)}.${format.ending}`
  link.click()
  // Some browsers start the download a little after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
