import type { Second } from '../../../../../bench-harness/bundle/bundle.ts'
import {
  boundsOf,
  type EncodedHistogram,
  mergeEncoded,
  percentileOf,
} from '../../../../../bench-harness/histogram/histogram.ts'
import { msText } from '../../figures.ts'
import type { Look } from '../look.ts'
import { joined, type Line, right, type Span, span } from '../spans.ts'

export interface Heat {
  readonly slots: readonly (readonly Second[])[]
  readonly kind: string
  /** What is wanted at most, in milliseconds. */
  readonly boundMs?: number
  readonly log: boolean
}

/** Cells of the axis on the left of a heat map. */
export const axisCells = 9

/** The histograms of a kind in a column, added. */
function histogramOf(slot: readonly Second[], kind: string): EncodedHistogram {
  const parts = slot.flatMap(({ histograms }) => histograms[kind as keyof typeof histograms] ?? [])
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : mergeEncoded(parts)
}

/**
 * One row: for each column the 99th percentile, darker for more; beyond the bound it is the darkest, and nothing else is. Where there are too few
 * samples for one, the greatest value stands for it.
 */
export function heatStrip({ slots, kind, boundMs, log }: Heat, { glyphs }: Look): Line {
  const tails = slots.map((slot) => {
    const histogram = histogramOf(slot, kind)
    if (histogram.n === 0) return undefined
    return percentileOf(histogram, 0.99) ?? histogram.max
  })
  const known = tails.filter((tail) => tail !== undefined)
  const topMs = boundMs ?? Math.max(...known, 1)
  const scale = scaleOf(Math.min(...known, topMs / 10), topMs, log)
  const shades = [...glyphs.shades]
  const usual = boundMs === undefined ? shades : shades.slice(0, -1)
  const cells = tails.map((tail): Span => {
    if (tail === undefined) return span(' ')
    if (boundMs !== undefined && tail > boundMs) return span(shades.at(-1) ?? '#', 'bad')
    const at = Math.min(usual.length - 1, Math.floor(scale(tail) * usual.length))
    return span(usual[Math.max(0, at)] ?? ' ', 'accent')
  })
  return joined(cells)
}

/** Rows of latency, the slowest on top, with an axis; the darker, the more of the column's samples lie there. */
export function heatMap(heat: Heat, height: number, look: Look): readonly Line[] {
  const histograms = heat.slots.map((slot) => histogramOf(slot, heat.kind))
  const all = histograms.filter(({ n }) => n > 0)
  if (all.length === 0 || height < 2) return []
  const topMs = Math.max(...all.map(({ max }) => max), heat.boundMs ?? 0) * 1.05
  const lowMs = Math.max(
    0.01,
    Math.min(...all.map(({ buckets }) => boundsOf(buckets[0] ?? 0).from)),
  )
  const scale = scaleOf(lowMs, topMs, heat.log)
  const rowOf = (ms: number) => Math.min(height - 1, Math.max(0, Math.floor(scale(ms) * height)))
  const columns = histograms.map((histogram) => sharesOf(histogram, rowOf, height))
  const boundRow = heat.boundMs === undefined ? undefined : rowOf(heat.boundMs)
  const { glyphs } = look
  const edgeMs = (row: number) => unscale(lowMs, topMs, heat.log, row / height)
  return Array.from({ length: height }, (_, fromTop) => {
    const row = height - 1 - fromTop
    const isBound = row === boundRow
    const label = isBound ? glyphs.atMost + msText(heat.boundMs ?? 0) : msText(edgeMs(row))
    const shown = isBound || row % 2 === 0
    const tone = isBound ? 'warn' : 'dim'
    const cells = columns.map((shares) => heatCell(shares[row] ?? 0, row, boundRow, look))
    return [
      span(right(shown ? label : '', axisCells - 1), tone),
      span(glyphs.side, 'dim'),
      ...joined(cells),
    ]
  })
}

function heatCell(share: number, row: number, boundRow: number | undefined, look: Look): Span {
  if (share <= 0) return span(' ')
  const shades = [...look.glyphs.shades]
  const at = share < 0.01 ? 0 : share < 0.08 ? 1 : share < 0.3 ? 2 : 3
  return span(shades[at] ?? '#', boundRow !== undefined && row > boundRow ? 'bad' : 'accent')
}

/** Share of the samples in each row, the lowest first. */
function sharesOf(
  { n, buckets }: EncodedHistogram,
  rowOf: (ms: number) => number,
  height: number,
): readonly number[] {
  const shares = new Array<number>(height).fill(0)
  for (let at = 0; at < buckets.length; at += 2) {
    const row = rowOf(boundsOf(buckets[at] ?? 0).from)
    shares[row] = (shares[row] ?? 0) + (buckets[at + 1] ?? 0) / n
  }
  return shares
}

/** Where a time stands between two, from 0 to 1. */
function scaleOf(lowMs: number, topMs: number, log: boolean): (ms: number) => number {
  if (!log) return (ms) => ms / topMs
  const low = Math.log(Math.max(lowMs, 1e-3))
  const span = Math.max(1e-9, Math.log(topMs) - low)
  return (ms) => (Math.log(Math.max(ms, 1e-3)) - low) / span
}

function unscale(lowMs: number, topMs: number, log: boolean, share: number): number {
  if (!log) return share * topMs
  const low = Math.log(Math.max(lowMs, 1e-3))
  return Math.exp(low + share * (Math.log(topMs) - low))
}
