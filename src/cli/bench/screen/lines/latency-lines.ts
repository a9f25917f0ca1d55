import { latencyKinds } from '../../../../../bench-harness/control/messages.ts'
import {
  type EncodedHistogram,
  emptyEncoded,
  mergeEncoded,
  type Percentiles,
  percentilesOf,
} from '../../../../../bench-harness/histogram/histogram.ts'
import type { RunView } from '../../../../../bench-harness/view/run-view.ts'
import { countText, msText } from '../../figures.ts'
import { axisCells, heatMap, heatStrip } from '../graphs/heat-map.ts'
import { slotsOf } from '../graphs/slots.ts'
import type { Look } from '../look.ts'
import type { Room, Shown } from '../shown.ts'
import { type Line, left, right, span, type Tone } from '../spans.ts'
import { timeAxis } from './ready-lines.ts'

/** The latency that is shown first: the headline, or how long connections take to be ready while there is none of it. */
export function shownKind({ headline, second }: RunView): string {
  const some = headline.second.n > 0 || headline.phase.n > 0
  return some || second?.histograms.ready === undefined ? headline.kind : 'ready'
}

/** What is wanted at most of a kind, in milliseconds: the bound of its p99, or else of any of its percentiles. */
export function boundOf({ plan, headline }: RunView, kind: string): number | undefined {
  const own = plan.slo.filter(
    (term) =>
      term.operator.startsWith('<') &&
      term.figure !== 'loss' &&
      term.figure !== 'ready' &&
      (term.kind ?? headline.kind) === kind,
  )
  return (own.find(({ figure }) => figure === 'p99') ?? own[0])?.bound
}

/** Percentiles of the last second and of the phase, and what room is left for is a strip or a map of heat. */
export function latencyLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, look } = shown
  const kind = shownKind(view)
  const isHeadline = kind === view.headline.kind
  const second = isHeadline ? view.headline.second : (view.second?.histograms.ready ?? emptyEncoded)
  if (height < 4) {
    const one = second.n > 0 ? second : view.headline.phase
    return [rowLine(one, boundOf(view, kind), look, width), stripLine(shown, kind, width)].slice(
      0,
      height,
    )
  }
  const rows = [
    tableHead(width),
    tableRow('second', second, boundOf(view, kind), width, look),
    tableRow(
      'phase',
      isHeadline ? view.headline.phase : emptyEncoded,
      boundOf(view, kind),
      width,
      look,
    ),
  ]
  const left = height - rows.length
  if (left < 3) return [...rows, stripLine(shown, kind, width)].slice(0, height)
  return [...rows, ...mapLines(shown, kind, { width, height: left })]
}

function stripLine(shown: Shown, kind: string, width: number): Line {
  const { view, state, look } = shown
  const slots = slotsOf(view.seconds, state.windowS, width - 5)
  const boundMs = boundOf(view, kind)
  const heat = { slots, kind, log: state.log, ...(boundMs === undefined ? {} : { boundMs }) }
  return [span('heat ', 'dim'), ...heatStrip(heat, look)]
}

/** The map of heat of a kind over time, with its axes. */
export function mapLines(shown: Shown, kind: string, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const slots = slotsOf(view.seconds, state.windowS, width - axisCells)
  const boundMs = boundOf(view, kind)
  const heat = { slots, kind, log: state.log, ...(boundMs === undefined ? {} : { boundMs }) }
  const map = heatMap(heat, height - 1, look)
  if (map.length === 0) return [[span(`no ${kind} was measured in this window yet`, 'dim')]]
  return [...map, [span(' '.repeat(axisCells)), ...timeAxis(shown, width - axisCells)]]
}

/** Cells in which all figures of `rowLine` have room. */
const roomyCells = 70

/** Percentiles in one line; beyond what is wanted they are marked. */
function rowLine(
  histogram: EncodedHistogram,
  boundMs: number | undefined,
  { glyphs }: Look,
  width: number,
): Line {
  if (histogram.n === 0) return [span('nothing was measured yet', 'dim')]
  const { n, p50, p99, p999, max } = percentilesOf(histogram)
  const figure = (name: string, ms: number | undefined, tone: Tone): Line => [
    span(`${name} `, 'dim'),
    span(
      left(`${ms === undefined ? '-' : msText(ms)}${tone === 'bad' ? ` ${glyphs.bad}` : ''}`, 10),
      tone,
    ),
  ]
  const most = [
    ...figure('p50', p50, 'plain'),
    ...figure('p99', p99, toneOf(p99, boundMs)),
    ...figure('max', max, 'plain'),
  ]
  if (width < roomyCells) return most
  return [...most, ...figure('p99.9', p999, 'plain'), span('n ', 'dim'), span(countText(n))]
}

function toneOf(ms: number | undefined, boundMs: number | undefined): Tone {
  if (ms === undefined) return 'dim'
  return boundMs !== undefined && ms > boundMs ? 'bad' : 'strong'
}

const columns = ['p50', 'p90', 'p99', 'p999', 'p9999', 'max'] as const
const names: Readonly<Record<(typeof columns)[number], string>> = {
  p50: 'p50',
  p90: 'p90',
  p99: 'p99',
  p999: 'p99.9',
  p9999: 'p99.99',
  max: 'max',
}

/** Fewer where there is little room: the tails that need most samples go first. */
function columnsFor(width: number): readonly (typeof columns)[number][] {
  if (width >= 76) return columns
  return width >= 53 ? ['p50', 'p99', 'p999', 'max'] : ['p50', 'p99', 'max']
}

const countCells = 10

function nameCells(width: number): number {
  return width < 60 ? 7 : 13
}

function tableHead(width: number): Line {
  const heads = columnsFor(width).map((column) => right(names[column], 9))
  return [span(left('', nameCells(width)) + right('n', countCells) + heads.join(''), 'dim')]
}

function tableRow(
  name: string,
  histogram: EncodedHistogram,
  boundMs: number | undefined,
  width: number,
  { glyphs }: Look,
): Line {
  const found: Percentiles = percentilesOf(histogram)
  const cells = columnsFor(width).map((column) => {
    const ms = histogram.n === 0 ? undefined : found[column]
    const tone = column === 'p99' ? toneOf(ms, boundMs) : ms === undefined ? 'dim' : 'plain'
    const mark = tone === 'bad' ? `${glyphs.bad} ` : ''
    return span(right(ms === undefined ? '-' : mark + msText(ms), 9), tone)
  })
  return [
    span(left(name, nameCells(width))),
    span(right(countText(histogram.n), countCells)),
    ...cells,
  ]
}

/** Every kind that was measured in the window. */
export function kindsTable({ view, state, look }: Shown, width: number): readonly Line[] {
  const from = (view.seconds.at(-1)?.t ?? 0) + 1 - state.windowS
  const seconds = view.seconds.filter(({ t }) => t >= from)
  const rows = latencyKinds.flatMap((kind) => {
    const parts = seconds.flatMap(({ histograms }) => histograms[kind] ?? [])
    if (parts.length === 0) return []
    return [tableRow(kind, mergeEncoded(parts), boundOf(view, kind), width, look)]
  })
  return rows.length === 0
    ? [[span('nothing was measured in this window yet', 'dim')]]
    : [tableHead(width), ...rows]
}
