import { type Html, html } from './html.ts'

export type Cell = string | Html

/** A table that scrolls by itself where it is too wide; every column but the first is of figures unless it is said otherwise. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  kind: 'figures' | 'texts' = 'figures',
): Html {
  const heads = head.map((text) => html`<th scope="col">${text}</th>`)
  const lines = rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${kind}"><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`
}

/** The same figures as a chart beside it, for whoever reads rather than looks. */
export function tableTwin(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): Html {
  return html`<details class="twin"><summary>The same as a table</summary>${table(caption, head, rows)}</details>`
}
