import { boundsOf, type EncodedHistogram } from '../histogram/histogram.ts'
import { countText, msText, plural, shareText } from './figures.ts'
import { type Html, html } from './html.ts'
import { drawn, frameOf, logScale, logTicks, px, svg, xAxis, xRange, yAxis, yRange } from './svg.ts'
import { tableTwin } from './table.ts'

/** Linux sends a SYN again after 1 s, and a second time 2 s later (RFC 6298, section 2.1, with the timer doubled). */
const retransmits = [
  { ms: 1_000, text: 'SYN sent again after 1 s', anchor: 'end' },
  { ms: 3_000, text: 'and 3 s', anchor: 'start' },
] as const

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Counts by bins of equal width on a logarithmic axis, so many to a power of ten. */
export function binsOf({ buckets }: EncodedHistogram, perDecade: number): Bin[] {
  const counts = new Map<number, number>()
  for (let at = 0; at < buckets.length; at += 2) {
    const { from, to } = boundsOf(buckets[at] ?? 0)
    const bin = Math.floor(Math.log10(Math.max((from + to) / 2, 0.001)) * perDecade + 1e-9)
    counts.set(bin, (counts.get(bin) ?? 0) + (buckets[at + 1] ?? 0))
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => ({
      from: 10 ** (bin / perDecade),
      to: 10 ** ((bin + 1) / perDecade),
      count,
    }))
}

/** How many values are at least so long, to within a bucket. */
export function countFrom({ buckets }: EncodedHistogram, ms: number): number {
  let count = 0
  for (let at = 0; at < buckets.length; at += 2)
    if (boundsOf(buckets[at] ?? 0).to > ms) count += buckets[at + 1] ?? 0
  return count
}

/** How long connecting took, with the marks at which a lost SYN is sent again: a heap there is a full backlog and not a slow server. */
export function latencyHistogram(histogram: EncodedHistogram, what: string): Html {
  const bins = binsOf(histogram, 12)
  const late = countFrom(histogram, retransmits[0].ms * 0.98)
  const sentence =
    late === 0
      ? 'None waited for a SYN to be sent again.'
      : `${plural(late, 'connect')} (${shareText(late / histogram.n)}) took a second or more: a heap at 1 s or 3 s is a SYN that was dropped and sent again, most often by a full accept backlog.`
  const rows = bins.map(({ from, to, count }) => [
    `${msText(from)} – ${msText(to)}`,
    countText(count),
    shareText(count / histogram.n),
  ])
  return html`<p>${sentence}</p><figure>${drawn((width) => drawBins(bins, histogram, what, width))}${tableTwin(`How long ${what} took`, ['time', 'connections', 'share'], rows)}</figure>`
}

function drawBins(
  bins: readonly Bin[],
  { max }: EncodedHistogram,
  what: string,
  width: number,
): Html {
  const isWide = width > 500
  const frame = frameOf(width, isWide ? 260 : 220, { top: 34 })
  const low = bins[0]?.from ?? 0.1
  const high = Math.max(bins.at(-1)?.to ?? 1, 8_000)
  const most = bins.reduce((found, { count }) => Math.max(found, count), 1)
  const x = logScale([low, high], xRange(frame))
  // Half of one connection is the foot of the axis, so that a single one is seen.
  const y = logScale([0.5, most * 1.3], yRange(frame))
  const base = frame.height - frame.bottom
  const bars = bins
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => {
      const [left, right] = [x(from) + 0.5, x(to) - 0.5]
      return `M${px(left)} ${base}V${px(y(count))}H${px(right)}V${base}Z`
    })
    .join('')
  const marks = retransmits.map(({ ms, text, anchor }) => {
    const at = px(x(ms))
    return html`<line class="limit" x1="${at}" x2="${at}" y1="${frame.top}" y2="${base}"/><text class="limit-text" x="${at}" y="${frame.top - 5}" text-anchor="${anchor}">${isWide ? text : msText(ms)}</text>`
  })
  const yTicks = logTicks(1, most * 1.3).map((count) => ({ at: y(count), text: countText(count) }))
  const xTicks = logTicks(low, high).map((ms) => ({ at: x(ms), text: msText(ms) }))
  return svg(
    frame,
    `Histogram of ${what}; the longest took ${msText(max)}.`,
    html`${yAxis(frame, yTicks, 'connections')}<path class="fill-1" d="${bars}"/>${marks}${xAxis(frame, xTicks, '')}`,
  )
}
