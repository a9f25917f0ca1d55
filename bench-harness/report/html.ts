/** Markup that is safe to put into a page as it stands. */
export interface Html {
  readonly html: string
}

type Part = Html | readonly Html[] | string | number

/** Makes markup. Texts that are put in are escaped; markup that is put in is not. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((made, string, index) => {
    const part = parts[index]
    return made + string + (part === undefined ? '' : textOf(part))
  }, '')
  return { html: text }
}

/** Takes text for markup. Only for what this program itself has made. */
export function trusted(text: string): Html {
  return { html: text }
}

export const nothing: Html = { html: '' }

/** Escapes a text for element content and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** JSON that can stand in a script element: no text in it can end the element. */
export function jsonBlock(id: string, value: unknown): Html {
  const text = JSON.stringify(value).replaceAll('<', '\\u003c')
  return trusted(`<script type="application/json" id="${escapeHtml(id)}">${text}</script>`)
}

function textOf(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  if ('html' in part) return part.html
  return part.map(({ html }) => html).join('')
}
