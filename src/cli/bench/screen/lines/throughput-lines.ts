import type { Second } from '../../../../../bench-harness/bundle/bundle.ts'
import { bytesText, rateText } from '../../../../../bench-harness/report/figures.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import { sparkline } from '../graphs/sparkline.ts'
import type { Room, Shown } from '../shown.ts'
import { cellsOf, type Line, left, right, span } from '../spans.ts'

interface Rate {
  readonly name: string
  readonly pick: (second: Second) => number
  readonly text: (perSecond: number) => string
}

const bytesRate = (bytes: number): string => `${bytesText(bytes)}/s`

/** The most telling ones first: a small panel shows only these. */
const rates: readonly Rate[] = [
  { name: 'sent', pick: ({ counters }) => counters.sent, text: rateText },
  { name: 'delivered', pick: ({ counters }) => counters.delivered, text: rateText },
  { name: 'acknowledged', pick: ({ counters }) => counters.acknowledged, text: rateText },
  { name: 'received', pick: ({ counters }) => counters.bytesIn, text: bytesRate },
  { name: 'written', pick: ({ counters }) => counters.bytesOut, text: bytesRate },
  { name: 'refused', pick: ({ counters }) => counters.refused, text: rateText },
]

const nameCells = 12
const rateCells = 11
/** A graph of fewer cells shows nothing. */
const graphCellsMin = 6

/** Messages and bytes a second, each with a graph of the window. */
export function throughputLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const { second } = view
  if (second === undefined) return [[span('no second has passed yet', 'dim')]]
  const graphCells = width - nameCells - rateCells - 2
  const names = Math.min(nameCells, Math.max(4, width - rateCells))
  return rates.slice(0, height).map(({ name, pick, text }): Line => {
    const rate = text(pick(second))
    const start = [
      span(left(name, names), 'dim'),
      span(right(rate, Math.max(cellsOf(rate), rateCells))),
    ]
    if (graphCells < graphCellsMin) return start
    const values = greatestOf(slotsOf(view.seconds, state.windowS, graphCells), pick)
    const most = Math.max(1, ...values.map((value) => value ?? 0))
    return [...start, span('  '), span(sparkline(values, most, look), 'accent')]
  })
}
