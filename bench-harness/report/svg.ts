import { escapeHtml, type Html, html, trusted } from './html.ts'

/** Where a value lies on an axis, in units of the drawing. */
export type Scale = (value: number) => number

export type Range = readonly [from: number, to: number]

export function linearScale([min, max]: Range, [from, to]: Range): Scale {
  const span = max - min || 1
  return (value) => from + ((value - min) / span) * (to - from)
}

/** Values at or below the lowest lie on the lowest. */
export function logScale([min, max]: Range, [from, to]: Range): Scale {
  const [low, high] = [Math.log(min), Math.log(max)]
  return (value) =>
    from + ((Math.log(Math.max(value, min)) - low) / (high - low || 1)) * (to - from)
}

/** Round values from `min` to `max`, about so many. */
export function linearTicks(min: number, max: number, about: number): number[] {
  const raw = (max - min) / Math.max(1, about)
  const power = 10 ** Math.floor(Math.log10(raw || 1))
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((unit) => unit >= raw) ?? raw
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step)
}

/** Powers of ten within a range, and, where these are few, 2 and 5 times them. */
export function logTicks(min: number, max: number): number[] {
  const powers: number[] = []
  for (let at = Math.floor(Math.log10(min)); 10 ** at <= max * 1.000_1; at += 1)
    powers.push(10 ** at)
  const units = Math.log10(max / min) > 2.5 ? [1] : [1, 2, 5]
  return powers
    .flatMap((power) => units.map((unit) => unit * power))
    .filter((tick) => tick >= min * 0.999_9 && tick <= max * 1.000_1)
}

/** The place of a plot in its drawing. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export function frameOf(width: number, height: number, more: Partial<Frame> = {}): Frame {
  return { width, height, left: 56, right: 14, top: 14, bottom: 34, ...more }
}

export const xRange = ({ left, right, width }: Frame): Range => [left, width - right]
export const yRange = ({ top, bottom, height }: Frame): Range => [height - bottom, top]

export interface Tick {
  readonly at: number
  readonly text: string
}

/** Lines and labels of a vertical axis, across the plot. */
export function yAxis(frame: Frame, ticks: readonly Tick[], title: string): Html {
  const lines = ticks.map(
    ({ at, text }) =>
      html`<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${px(at)}" y2="${px(at)}"/><text class="tick" x="${frame.left - 8}" y="${px(at + 4)}" text-anchor="end">${text}</text>`,
  )
  return html`${lines}<text class="axis-title" x="${frame.left}" y="${frame.top - 8}">${title}</text>`
}

/** Labels of a horizontal axis. */
export function xAxis(frame: Frame, ticks: readonly Tick[], title: string): Html {
  const base = frame.height - frame.bottom
  const labels = ticks.map(
    ({ at, text }) =>
      html`<line class="mark" x1="${px(at)}" x2="${px(at)}" y1="${base}" y2="${base + 4}"/><text class="tick" x="${px(at)}" y="${base + 17}" text-anchor="middle">${text}</text>`,
  )
  return html`<line class="base" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${base}" y2="${base}"/>${labels}<text class="axis-title" x="${frame.width - frame.right}" y="${frame.height - 2}" text-anchor="end">${title}</text>`
}

/** A whole drawing, which a reader of screens is told of in one sentence. */
export function svg(frame: Frame, label: string, content: Html): Html {
  return html`<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${label}">${content}</svg>`
}

/** A line through points; where a value is missing it begins anew. */
export function linePath(points: readonly (readonly [x: number, y: number] | undefined)[]): string {
  let pen = 'M'
  const steps = points.map((point) => {
    if (point === undefined) {
      pen = 'M'
      return ''
    }
    const step = `${pen}${px(point[0])} ${px(point[1])}`
    pen = 'L'
    return step
  })
  return steps.join('')
}

/** Drawings for a wide page and for a narrow one, where letters stay as large as they are. */
export function drawn(draw: (width: number) => Html): Html {
  return html`<div class="wide">${draw(940)}</div><div class="narrow">${draw(344)}</div>`
}

/** Stripes for seconds that say little about the server. The pattern's id is the page's only one. */
export const hatch: Html = trusted(
  '<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripe" x1="0" y1="0" x2="0" y2="6"/></pattern></defs></svg>',
)

/** A number of the drawing, short. */
export function px(value: number): string {
  return escapeHtml(String(Math.round(value * 10) / 10))
}
