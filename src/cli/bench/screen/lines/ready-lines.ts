import { failuresOf } from '../../../../../bench-harness/ledger/ledger.ts'
import { clockText, countText, openNow, shareText } from '../../figures.ts'
import { areaGraph, columnsOf } from '../graphs/area-graph.ts'
import { greatestOf, slotsOf, windowOf } from '../graphs/slots.ts'
import type { Room, Shown } from '../shown.ts'
import { apart, cellsOf, type Line, lineCells, type Span, span } from '../spans.ts'

/** How many are ready of how many, where the others are, and both over time against the plan. */
export function readyLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const hasAxis = height >= 6
  const counts = countsLines(shown, width, height >= 8)
  const graphHeight = height - 1 - counts.length - (hasAxis ? 1 : 0)
  return [
    headlineLine(shown, width),
    ...counts,
    ...rampGraph(shown, width, graphHeight),
    ...(hasAxis ? [timeAxis(shown, width)] : []),
  ]
}

function headlineLine({ view, look }: Shown, width: number): Line {
  const { result } = view
  const ready = result?.peak.ready ?? view.second?.ledger.now.ready ?? 0
  const wanted = view.plan.connections
  const share = wanted === 0 ? 0 : ready / wanted
  const before = view.seconds.at(-2)?.ledger.now.ready
  const change = before === undefined || result !== undefined ? 0 : ready - before
  const start = [
    span(result === undefined ? 'READY ' : 'READY at most ', 'strong'),
    span(countText(ready), 'chosen'),
    span(` / ${countText(wanted)}`, 'plain'),
    span(`  ${shareText(share)}`, 'strong'),
  ]
  const rate = change === 0 ? '' : ` ${change > 0 ? '+' : '-'}${countText(Math.abs(change))}/s`
  const cells = width - lineCells(start) - cellsOf(rate) - 2
  if (cells < 6) return start
  const full = Math.min(cells, Math.floor(share * cells))
  return [
    ...start,
    span('  '),
    span(look.glyphs.bar.repeat(full), 'accent'),
    span(look.glyphs.barRest.repeat(cells - full), 'dim'),
    span(rate, 'plain'),
  ]
}

/** What the clients count, and beside it or below it what the server and its kernel do. */
function countsLines({ view, look }: Shown, width: number, roomy: boolean): readonly Line[] {
  const { second } = view
  if (second === undefined) return [[span('no second has passed yet', 'dim')]]
  const { tcp, ws } = openNow(second.ledger)
  const { lost, alive } = second.ledger
  const { sessions, kernel } = second.server ?? {}
  const pair = (name: string, count: number | undefined): readonly Span[] =>
    count === undefined ? [] : [span(`${name} `, 'dim'), span(`${countText(count)}  `)]
  const fault = (name: string, count: number): readonly Span[] =>
    count === 0
      ? pair(name, 0)
      : [span(`${name} `, 'dim'), span(`${countText(count)} ${look.glyphs.bad}  `, 'bad')]
  const ours = [
    ...pair('tcp', tcp),
    ...pair('ws', ws),
    ...fault('lost', lost),
    ...fault('failed', failuresOf(second.ledger)),
  ]
  const theirs = [...pair('server says', sessions), ...pair('kernel says', kernel)]
  if (roomy) return [ours, [...pair('alive', alive), ...theirs]]
  const short = [...pair('server', sessions), ...pair('kernel', kernel)]
  const fits = lineCells(ours) + lineCells(theirs) <= width
  return [apart(ours, fits ? theirs : short, width)]
}

function rampGraph(shown: Shown, width: number, height: number): readonly Line[] {
  const { view, state, look } = shown
  if (height < 1) return []
  const slots = slotsOf(view.seconds, state.windowS, columnsOf(width, look))
  const values = greatestOf(slots, ({ ledger }) => ledger.now.ready)
  const plan = greatestOf(slots, ({ planned }) => planned)
  const max = Math.max(view.plan.connections, ...values.map((value) => value ?? 0))
  return areaGraph({ values, plan, max, width, height }, look)
}

/** From when to when, and which of its seconds were overloaded. */
export function timeAxis({ view, state, look }: Shown, width: number): Line {
  const { glyphs } = look
  const { startS, lengthS } = windowOf(view.seconds, state.windowS)
  const start = `${clockText(startS * 1_000)} `
  const end = ` ${clockText((startS + lengthS) * 1_000)}`
  const marks = slotsOf(view.seconds, state.windowS, width).map((slot, at): Span => {
    if (at < cellsOf(start) || at >= width - cellsOf(end)) return span('')
    const overloaded = slot.some((second) => second.overloaded.length > 0)
    return overloaded ? span(glyphs.warn, 'warn') : span(glyphs.rule, 'dim')
  })
  return [span(start, 'dim'), ...marks, span(end, 'dim')]
}
