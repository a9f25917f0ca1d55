import type { Second } from '../bundle/bundle.ts'
import type { LatencyKind } from '../control/messages.ts'
import {
  boundsOf,
  type EncodedHistogram,
  mergeEncoded,
  percentileOf,
} from '../histogram/histogram.ts'
import { countText, msText } from './figures.ts'
import { type Html, html } from './html.ts'
import {
  drawn,
  type Frame,
  frameOf,
  linearScale,
  linearTicks,
  linePath,
  logScale,
  logTicks,
  px,
  type Scale,
  svg,
  xAxis,
  xRange,
  yAxis,
  yRange,
} from './svg.ts'
import { tableTwin } from './table.ts'
import { overloadedStretches } from './time-chart.ts'

const perDecade = 14
const levels = 6

interface Column {
  readonly from: number
  /** Behind the last of its seconds. */
  readonly to: number
  readonly histogram: EncodedHistogram
}

/**
 * Each column is a stretch of time, each cell how many took so long; the line is the 99th
 * percentile. In striped seconds the load generator was overloaded.
 */
export function latencyHeatmap(seconds: readonly Second[], kind: LatencyKind, what: string): Html {
  const label = `${what} over time: the darker, the more took so long; the line is p99.`
  const rows = columnsOf(seconds, kind, 30).map(({ from, to, histogram }) => [
    to - from === 1 ? `${from} s` : `${from} – ${to} s`,
    countText(histogram.n),
    ...[0.5, 0.9, 0.99].map((share) => {
      const ms = percentileOf(histogram, share)
      return ms === undefined ? '–' : msText(ms)
    }),
    msText(histogram.max),
  ])
  if (rows.length === 0) return html`<p class="note">Nothing of this kind was measured.</p>`
  const head = ['seconds', 'samples', 'p50', 'p90', 'p99', 'max']
  return html`<figure>${drawn((width) => draw(seconds, kind, label, width))}${tableTwin(label, head, rows)}</figure>`
}

function columnsOf(seconds: readonly Second[], kind: LatencyKind, columnsMax: number): Column[] {
  const told = seconds.flatMap(({ t, histograms }) => {
    const histogram = histograms[kind]
    return histogram === undefined || histogram.n === 0 ? [] : [{ t, histogram }]
  })
  const first = told[0]?.t ?? 0
  const every = Math.max(1, Math.ceil(((told.at(-1)?.t ?? 0) + 1 - first) / columnsMax))
  const groups = Map.groupBy(told, ({ t }) => Math.floor((t - first) / every))
  const count = told.length === 0 ? 0 : Math.max(...groups.keys()) + 1
  return Array.from({ length: count }, (_, at) => ({
    from: first + at * every,
    to: first + (at + 1) * every,
    histogram: mergeEncoded((groups.get(at) ?? []).map(({ histogram }) => histogram)),
  }))
}

function draw(seconds: readonly Second[], kind: LatencyKind, label: string, width: number): Html {
  const isWide = width > 500
  const frame = frameOf(width, isWide ? 280 : 230, { top: 24, right: 24 })
  const columns = columnsOf(seconds, kind, isWide ? 120 : 50)
  const cells = columns.map(({ histogram }) => cellsOf(histogram))
  const rows = cells.flatMap((column) => [...column.keys()])
  const [lowest, highest] = [Math.min(...rows), Math.max(...rows) + 1]
  const x = linearScale([columns[0]?.from ?? 0, columns.at(-1)?.to ?? 1], xRange(frame))
  const range: [number, number] = [10 ** (lowest / perDecade), 10 ** (highest / perDecade)]
  const y = logScale(range, yRange(frame))
  const [left, right] = xRange(frame)
  const [bottom, top] = yRange(frame)
  const across = (right - left) / columns.length
  const up = (bottom - top) / (highest - lowest)
  const grid = `translate(${left + across / 2} ${bottom}) scale(${across} -${up})`
  const paths = pathsOf(cells, lowest).map(
    (path, level) =>
      html`<path class="stroke-1" stroke-opacity="${px((level + 1) / levels)}" d="${path}"/>`,
  )
  const tail = linePath(
    columns.map(({ from, to, histogram }) => {
      const ms = percentileOf(histogram, 0.99)
      return ms === undefined ? undefined : [x((from + to) / 2), y(ms)]
    }),
  )
  const [from, to] = [columns[0]?.from ?? 0, columns.at(-1)?.to ?? 1]
  const xTicks = linearTicks(from, to, isWide ? 10 : 5).map((t) => ({ at: x(t), text: `${t} s` }))
  const yTicks = logTicks(...range).map((ms) => ({ at: y(ms), text: msText(ms) }))
  return svg(
    frame,
    label,
    html`${yAxis(frame, yTicks, 'latency')}<g transform="${grid}">${paths}</g>${stripes(seconds, frame, x, from, to)}<path class="tail" d="${tail}"/>${xAxis(frame, xTicks, '')}`,
  )
}

/** How many are in each row of a column. */
function cellsOf({ buckets }: EncodedHistogram): Map<number, number> {
  const cells = new Map<number, number>()
  for (let at = 0; at < buckets.length; at += 2) {
    const { from, to } = boundsOf(buckets[at] ?? 0)
    const row = Math.floor(Math.log10(Math.max((from + to) / 2, 0.001)) * perDecade)
    cells.set(row, (cells.get(row) ?? 0) + (buckets[at + 1] ?? 0))
  }
  return cells
}

/**
 * One path a level of darkness, which is a share of its column's fullest cell, by its root: a few late ones are to be seen. The unit is a
 * column across and a row up, and a stroke is as wide as a column.
 */
function pathsOf(cells: readonly Map<number, number>[], lowest: number): string[] {
  const paths = Array.from({ length: levels }, () => '')
  cells.forEach((column, index) => {
    const most = Math.max(...column.values())
    const levelOf = (row: number) => {
      const count = column.get(row)
      if (count === undefined) return undefined
      return Math.min(levels - 1, Math.floor(Math.sqrt(count / most) * levels))
    }
    for (const row of column.keys()) {
      const level = levelOf(row)
      if (level === undefined || levelOf(row - 1) === level) continue
      let rows = 1
      while (levelOf(row + rows) === level) rows += 1
      paths[level] += `M${index} ${row - lowest}v${rows}`
    }
  })
  return paths
}

function stripes(
  seconds: readonly Second[],
  frame: Frame,
  x: Scale,
  from: number,
  to: number,
): Html[] {
  return overloadedStretches(seconds).flatMap(([first, last]) => {
    const [left, right] = [Math.max(first, from), Math.min(last + 1, to)]
    return right <= left
      ? []
      : [
          html`<rect class="overloaded" fill="url(#hatch)" x="${px(x(left))}" width="${px(x(right) - x(left))}" y="${frame.top}" height="${frame.height - frame.top - frame.bottom}"/>`,
        ]
  })
}
