import type { Second } from '../bundle/bundle.ts'
import { bytesText, countText } from './figures.ts'
import { type Html, html } from './html.ts'
import {
  drawn,
  frameOf,
  linearScale,
  linearTicks,
  px,
  svg,
  xAxis,
  xRange,
  yAxis,
  yRange,
} from './svg.ts'
import { tableTwin } from './table.ts'

export interface MemoryPoint {
  readonly ready: number
  readonly bytes: number
}

/** Server's and kernel's memory while connections were opened, with the line of least squares, whose slope is a connection's cost. */
export function memorySlope(seconds: readonly Second[]): Html | undefined {
  const points = pointsOf(seconds)
  const slope = slopeOf(points)
  if (slope === undefined) return undefined
  const text =
    slope.perConnection > 0 ? `${bytesText(slope.perConnection)} a connection` : 'no growth'
  const label = `Memory by ready connections while they were opened: ${text}.`
  const every = Math.max(1, Math.ceil(points.length / 30))
  const rows = points
    .filter((_, index) => index % every === 0)
    .map(({ ready, bytes }) => [countText(ready), bytesText(bytes)])
  return html`<figure>${drawn((width) => draw(points, slope, text, label, width))}${tableTwin(label, ['ready', 'RSS, slab and TCP buffers'], rows)}</figure>`
}

/** Seconds up to the end of the ramp in which the server told its memory. */
function pointsOf(seconds: readonly Second[]): MemoryPoint[] {
  return seconds.flatMap(({ phase, ledger, server }) =>
    (phase === 'prime' || phase === 'ramp') && server?.rssBytes !== undefined
      ? [
          {
            ready: ledger.now.ready,
            bytes: server.rssBytes + (server.slabBytes ?? 0) + (server.tcpMemoryBytes ?? 0),
          },
        ]
      : [],
  )
}

export interface Slope {
  readonly base: number
  readonly perConnection: number
}

/** The line of least squares; absent where fewer than three numbers of connections were seen. */
export function slopeOf(points: readonly MemoryPoint[]): Slope | undefined {
  if (new Set(points.map(({ ready }) => ready)).size < 3) return undefined
  const mean = (of: (point: MemoryPoint) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [ready, bytes] = [mean((point) => point.ready), mean((point) => point.bytes)]
  const spread = mean((point) => (point.ready - ready) ** 2)
  const perConnection = mean((point) => (point.ready - ready) * (point.bytes - bytes)) / spread
  return { base: bytes - perConnection * ready, perConnection }
}

function draw(
  points: readonly MemoryPoint[],
  { base, perConnection }: Slope,
  text: string,
  label: string,
  width: number,
): Html {
  const isWide = width > 500
  const frame = frameOf(width, isWide ? 240 : 210, { top: 26, left: 66 })
  const far = Math.max(...points.map(({ ready }) => ready))
  const sizes = points.map(({ bytes }) => bytes)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const room = (most - least) * 0.08 || 1
  const x = linearScale([0, far], xRange(frame))
  const y = linearScale([least - room, most + room], yRange(frame))
  const dots = points.map(
    ({ ready, bytes }) =>
      html`<circle class="dot-3" cx="${px(x(ready))}" cy="${px(y(bytes))}" r="3"/>`,
  )
  const line = html`<line class="line stroke-2" stroke-dasharray="6 4" x1="${px(x(0))}" y1="${px(y(base))}" x2="${px(x(far))}" y2="${px(y(base + perConnection * far))}"/>`
  const xTicks = linearTicks(0, far, isWide ? 8 : 4).map((ready) => ({
    at: x(ready),
    text: countText(ready),
  }))
  const step = 2 ** Math.ceil(Math.log2((most - least + 2 * room) / 5))
  const yTicks = Array.from(
    { length: 8 },
    (_, at) => (Math.ceil((least - room) / step) + at) * step,
  )
    .filter((bytes) => bytes <= most + room)
    .map((bytes) => ({ at: y(bytes), text: bytesText(bytes) }))
  return svg(
    frame,
    label,
    html`${yAxis(frame, yTicks, 'memory')}${dots}${line}<text class="direct" x="${px(x(far * 0.03))}" y="${frame.top + 14}">${text}</text>${xAxis(frame, xTicks, isWide ? 'ready connections' : '')}`,
  )
}
