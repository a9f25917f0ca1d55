import { failuresOf } from '../../../../../bench-harness/ledger/ledger.ts'
import { clockText, countText, openNow, shareText } from '../../figures.ts'
import { areaGraph, columnsOf } from '../graphs/area-graph.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import type { Room, Shown } from '../shown.ts'
import { apart, cellsOf, type Line, lineCells, type Span, span } from '../spans.ts'

/** How many are ready of how many, where the others are, and both over time against the plan. */
export function readyLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const hasAxis = height >= 6
  const graphHeight = height - 2 - (hasAxis ? 1 : 0)
  return [
    headlineLine(shown, width),
    countsLine(shown, width),
    ...rampGraph(shown, width, graphHeight),
    ...(hasAxis ? [timeAxis(shown, width)] : []),
  ]
}

function headlineLine({ view, look }: Shown, width: number): Line {
  const ready = view.second?.ledger.now.ready ?? 0
  const wanted = view.plan.connections
  const share = wanted === 0 ? 0 : ready / wanted
  const before = view.seconds.at(-2)?.ledger.now.ready
  const change = before === undefined ? 0 : ready - before
  const start = [
    span('READY ', 'strong'),
    span(countText(ready), 'chosen'),
    span(` / ${countText(wanted)}`, 'plain'),
    span(`  ${shareText(Math.floor(share * 1_000) / 1_000)}`, 'strong'),
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

function countsLine({ view, look }: Shown, width: number): Line {
  const { second } = view
  if (second === undefined) return [span('no second has passed yet', 'dim')]
  const { tcp, ws } = openNow(second.ledger)
  const failed = failuresOf(second.ledger)
  const { lost } = second.ledger
  const { sessions, kernel } = second.server ?? {}
  const pair = (name: string, count: number): readonly Span[] => [
    span(`${name} `, 'dim'),
    span(`${countText(count)}  `),
  ]
  const faulty = (name: string, count: number, mark: string): readonly Span[] =>
    count === 0
      ? pair(name, 0)
      : [span(`${name} `, 'dim'), span(`${countText(count)} ${mark}  `, 'bad')]
  const start = [
    ...pair('tcp', tcp),
    ...pair('ws', ws),
    ...faulty('lost', lost, look.glyphs.bad),
    ...faulty('failed', failed, look.glyphs.bad),
  ]
  const said =
    sessions === undefined ? [] : [span('server says ', 'dim'), span(countText(sessions))]
  const counted =
    kernel === undefined
      ? []
      : [span(`${said.length === 0 ? '' : '  '}kernel `, 'dim'), span(countText(kernel))]
  const both = [...said, ...counted]
  return apart(start, lineCells(start) + lineCells(both) < width ? both : said, width)
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

/** From when to when, and which of its seconds were tainted. */
export function timeAxis({ view, state, look }: Shown, width: number): Line {
  const { glyphs } = look
  const last = view.seconds.at(-1)?.t ?? -1
  const fromS = Math.max(0, last + 1 - state.windowS)
  const start = `${clockText(fromS * 1_000)} `
  const end = ` ${clockText((fromS + state.windowS) * 1_000)}`
  const marks = slotsOf(view.seconds, state.windowS, width).map((slot, at): Span => {
    if (at < cellsOf(start) || at >= width - cellsOf(end)) return span('')
    const tainted = slot.some((second) => second.tainted.length > 0)
    return tainted ? span(glyphs.warn, 'warn') : span(glyphs.rule, 'dim')
  })
  return [span(start, 'dim'), ...marks, span(end, 'dim')]
}
