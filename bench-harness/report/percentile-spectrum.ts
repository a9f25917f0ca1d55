import { type EncodedHistogram, percentileOf } from '../histogram/histogram.ts'
import { countText, msText } from './figures.ts'
import { type Html, html } from './html.ts'
import {
  drawn,
  type Frame,
  frameOf,
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
import type { Tone } from './time-chart.ts'

export interface Curve {
  readonly label: string
  readonly tone: Tone
  readonly histogram: EncodedHistogram
  /** A group that curves can be shown and hidden by. */
  readonly group?: string
}

/** A bound that was set on a percentile. */
export interface Bound {
  readonly text: string
  readonly share: number
  readonly ms: number
}

const shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999]
const dashes: Readonly<Record<Tone, string>> = {
  1: '',
  2: '7 3',
  3: '2 3',
  4: '9 3 2 3',
  5: '4 2',
  6: '1 3',
}

/**
 * Latency by percentile, on an axis of 1/(1-p) that is logarithmic, so that the tail has as much room as the middle. A curve ends where
 * fewer than ten samples lie above it.
 */
export function percentileSpectrum(
  curves: readonly Curve[],
  bounds: readonly Bound[],
  label: string,
): Html {
  const known = curves.filter(({ histogram }) => pointsOf(histogram).length > 1)
  if (known.length === 0)
    return html`<p class="note">Too few samples for a percentile: each takes ten above it.</p>`
  const shown = shares.filter((share) =>
    known.some(({ histogram }) => percentileOf(histogram, share) !== undefined),
  )
  const rows = known.map(({ label, histogram }) => [
    label,
    countText(histogram.n),
    ...shown.map((share) => {
      const ms = percentileOf(histogram, share)
      return ms === undefined ? '–' : msText(ms)
    }),
    msText(histogram.max),
  ])
  const head = ['', 'samples', ...shown.map(nameOf), 'max']
  return html`<figure>${legend(known)}${drawn((width) => draw(known, bounds, label, width))}${tableTwin(label, head, rows)}</figure>`
}

export function nameOf(share: number): string {
  return `p${Number((share * 100).toPrecision(7))}`
}

/** A curve's points as pairs of 1/(1-p) and milliseconds. */
export function pointsOf(histogram: EncodedHistogram): [number, number][] {
  const points: [number, number][] = []
  // Sixteen to a power of ten are more than a line of this size can show.
  for (let step = 0; step <= 16 * 6; step += 1) {
    const nines = 10 ** (step / 16)
    const ms = percentileOf(histogram, 1 - 1 / nines)
    if (ms === undefined) break
    if (ms > 0) points.push([nines, ms])
  }
  return points
}

function legend(curves: readonly Curve[]): Html {
  const keys = curves.map(
    ({ label, tone, group }) =>
      html`<li data-group="${group ?? label}"><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><line class="stroke-${tone}" x1="0" x2="28" y1="4" y2="4" stroke-dasharray="${dashes[tone]}"/></svg>${label}</li>`,
  )
  return html`<ul class="legend">${keys}</ul>`
}

function draw(
  curves: readonly Curve[],
  bounds: readonly Bound[],
  label: string,
  width: number,
): Html {
  const frame = frameOf(width, width > 500 ? 320 : 260, { top: 30, right: 20 })
  const points = curves.map(({ histogram }) => pointsOf(histogram))
  const times = [...points.flat().map(([, ms]) => ms), ...bounds.map(({ ms }) => ms)]
  const far = points.flat().reduce((found, [nines]) => Math.max(found, nines), 10)
  const [least, most] = [Math.min(...times) * 0.9, Math.max(...times) * 1.15]
  const x = logScale([1, far], xRange(frame))
  const y = logScale([least, most], yRange(frame))
  const lines = curves.map(({ label, tone, group }, index) => {
    const path = linePath((points[index] ?? []).map(([nines, ms]) => [x(nines), y(ms)] as const))
    return html`<path class="line stroke-${tone}" data-group="${group ?? label}" d="${path}" stroke-dasharray="${dashes[tone]}"/>`
  })
  return svg(
    frame,
    label,
    html`${yAxis(frame, yTicksOf(least, most, y), 'latency')}${bounds.map((bound) => drawBound(bound, frame, x, y, far))}${lines}${xAxis(frame, xTicksOf(far, x), width > 500 ? 'percentile, the last steps widened' : '')}`,
  )
}

function xTicksOf(far: number, x: Scale): { at: number; text: string }[] {
  return [
    { at: x(1), text: '0' },
    ...shares.map((share) => ({
      at: x(1 / (1 - share)),
      text: nameOf(share),
      nines: 1 / (1 - share),
    })),
  ].filter((tick) => !('nines' in tick) || tick.nines <= far * 1.01)
}

function yTicksOf(least: number, most: number, y: Scale): { at: number; text: string }[] {
  return logTicks(least, most).map((ms) => ({ at: y(ms), text: msText(ms) }))
}

/** From where it begins to hold, to the right: that is where the curve has to stay below. */
function drawBound(
  { text, share, ms }: Bound,
  frame: Frame,
  x: Scale,
  y: Scale,
  far: number,
): Html {
  const nines = Math.min(share === 1 ? far : 1 / (1 - share), far)
  const [at, height] = [x(nines), y(ms)]
  return html`<path class="limit" d="M${frame.left} ${px(height)}H${px(at)}"/><circle class="limit-dot" cx="${px(at)}" cy="${px(height)}" r="3.5"/><text class="limit-text" x="${px(at)}" y="${px(height - 8)}" text-anchor="end">${text}</text>`
}
