import type { SearchResult } from '../bundle/bundle.ts'
import { countText } from './figures.ts'
import { type Html, html } from './html.ts'
import { table } from './table.ts'

/** What a search for the most connections found, as an interval, with every level that was tried. */
export function searchLevels({
  pass,
  fail,
  clientLimited,
  confirmed,
  reason,
  levels,
}: SearchResult): Html {
  const sentence = clientLimited
    ? `At least ${countText(pass)}: the clients were the bottleneck, not the server.`
    : fail === undefined
      ? `${countText(pass)} held, and no more were asked for.`
      : `${countText(pass)} held, ${countText(fail)} did not.`
  const rows = levels.map(({ connections, held, why }) => [
    countText(connections),
    held ? html`<span class="good">✓ held</span>` : html`<span class="bad">✗ did not</span>`,
    why,
  ])
  return html`<p><b>${sentence}</b> ${reason}. ${confirmed ? 'A cold start straight to it held too.' : 'It was not confirmed by a cold start.'}</p>${table('Levels in the order they were tried', ['connections', '', 'why'], rows, 'texts')}`
}
