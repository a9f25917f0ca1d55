import { failuresOf } from '../../../../../bench-harness/ledger/ledger.ts'
import { clockText, countText } from '../../figures.ts'
import { type Size, smallest } from '../layout.ts'
import type { Shown } from '../shown.ts'
import { clean, type Line, span } from '../spans.ts'
import { lightOf } from './header-lines.ts'
import { bottomLine } from './key-lines.ts'

/** The figures that matter most, and the size that all of them need. */
export function smallLines(shown: Shown, { columns, rows }: Size): readonly Line[] {
  const { view, live, look } = shown
  const ledger = view.second?.ledger
  const light = lightOf(view, look.glyphs)
  const lines: readonly Line[] = [
    [
      span(`READY ${countText(ledger?.now.ready ?? 0)}`, 'strong'),
      span(` / ${countText(view.plan.connections)}`),
    ],
    [
      span(light.word, light.tone),
      span(` ${view.phase} ${clockText(live.elapsedMs)}`),
      span(ledger === undefined ? '' : ` failed ${countText(failuresOf(ledger))}`),
    ],
    [span(clean(light.text), 'dim')],
    [span(`this is ${columns}x${rows}; the`, 'dim')],
    [span(`screen needs ${smallest.columns}x${smallest.rows}`, 'dim')],
  ]
  const most = Math.max(1, rows - 1)
  if (most < 2) return lines.slice(0, most)
  return [...lines.slice(0, most - 1), bottomLine(shown, columns)]
}
