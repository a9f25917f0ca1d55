import { titleOf } from '../../pages.ts'
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
  readonly write: (name: string, page: PageNode) => string
}

export const formats: readonly Format[] = [
  {
    label: 'Web page',
    hint: 'To read, print or paste elsewhere',
    ending: 'html',
    type: 'text/html',
    write: (name, page) => asHtml(titleOf(name), page),
  },
  {
    label: 'Markdown',
    hint: 'Text with markup for headings, lists and links',
    ending: 'md',
    type: 'text/markdown',
    write: (_name, page) => asMarkdown(page),
  },
  {
    label: 'Text',
    hint: 'Without formatting',
    ending: 'txt',
    type: 'text/plain',
    write: (_name, page) => `${asText(page)}\n`,
  },
  {
    label: 'JSON',
    hint: 'The complete content, for other programs',
    ending: 'json',
    type: 'application/json',
    write: (_name, page) => `${JSON.stringify(page, null, 2)}\n`,
  },
]

/** Downloads a page as a file. */
export function download(name: string, page: PageNode, format: Format): void {
  const file = new Blob([format.write(name, page)], { type: `${format.type};charset=utf-8` })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `${name}.${format.ending}`
  link.click()
  // Some browsers start the download a little after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
