import { type Html, html, trusted } from '../report/html.ts'
import {
  frameOf,
  linearScale,
  linearTicks,
  linePath,
  px,
  type Scale,
  xAxis,
  xRange,
  yAxis,
  yRange,
} from '../report/svg.ts'

/** Lines that a graph can have: Tsung's two, and how far our connections came at the same moment. */
export const graphLines = ['users', 'connected', 'tcp', 'ws', 'ready'] as const
export type GraphLine = (typeof graphLines)[number]

export interface GraphPoint {
  /** Since the run began. */
  readonly atMs: number
  readonly count: number
}

export interface TsungGraph {
  readonly title: string
  /** A sentence under the title; absent: none. */
  readonly subtitle?: string
  readonly lines: Readonly<Partial<Record<GraphLine, readonly GraphPoint[]>>>
}

const names: Readonly<Record<GraphLine, string>> = {
  users: 'users (Tsung)',
  connected: 'connected (Tsung)',
  tcp: 'tcp (Rusher)',
  ws: 'ws (Rusher)',
  ready: 'ready (Rusher)',
}

/**
 * Red and green are Tsung's own; ours differ from them, and from each other, also without colour. Each is legible on white and, where the system asks
 * for it, on black.
 */
const style = `
svg { font: 13px system-ui, sans-serif; --ink: #1c2024; --faint: #60646c; --line: #e0e3e8; --paper: #ffffff;
  --users: #c62828; --connected: #1b7f3b; --tcp: #8a4b00; --ws: #6b3fa0; --ready: #0b62c4 }
@media (prefers-color-scheme: dark) { svg { --ink: #edeef0; --faint: #b0b4ba; --line: #363a3f; --paper: #18191b;
  --users: #ff8a80; --connected: #6fdc8c; --tcp: #ffb74d; --ws: #c9a3ff; --ready: #74b8ff } }
.paper { fill: var(--paper) }
text { fill: var(--ink) }
.title { font-size: 16px; font-weight: 600 }
.tick, .axis-title, .subtitle { fill: var(--faint) }
.tick { font-variant-numeric: tabular-nums }
.grid, .base, .mark { stroke: var(--line) }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.dot { stroke: none }
${graphLines.map((line) => `.line.${line} { stroke: var(--${line}) } .dot.${line} { fill: var(--${line}) }`).join('\n')}
.line.connected { stroke-dasharray: 7 4 }
.line.tcp { stroke-dasharray: 2 3 }
.line.ws { stroke-dasharray: 9 3 2 3 }
.line.ready { stroke-width: 3 }
`

const width = 760
/** Of the plot and what stands around it; below is room for the letters of the axis' title. */
const height = 400
const below = 8
/** Width of a letter at most, and of a line's sample with what stands around it. */
const letterWidth = 7
const sampleWidth = 48
/** Points of a line above which they are not marked one by one. */
const markedMax = 30

/** Draws connections over time, as Tsung draws them, as a file of SVG that stands alone. Lines begin at nothing, at moment 0. */
export function drawTsungGraph({ title, subtitle, lines }: TsungGraph): string {
  const given = graphLines.flatMap((line) => {
    const points = lines[line]
    return points === undefined ? [] : [{ line, points: [{ atMs: 0, count: 0 }, ...points] }]
  })
  const all = given.flatMap(({ points }) => points)
  const frame = frameOf(width, height, { top: 112, left: 64, right: 24, bottom: 44 })
  const endS = Math.max(1, ...all.map(({ atMs }) => atMs / 1_000))
  const most = Math.max(1, ...all.map(({ count }) => count))
  const yTicks = ticksBeyond(most)
  const x = linearScale([0, endS], xRange(frame))
  const y = linearScale([0, yTicks.at(-1) ?? most], yRange(frame))

  const content = html`${trusted(`<style>${style}</style>`)}<rect class="paper" width="${width}" height="${height + below}"/>
<text class="title" x="24" y="30">${title}</text><text class="subtitle" x="24" y="50">${subtitle ?? ''}</text>
${given.map(({ line }, at) => legend(line, 24 + widthOf(given.slice(0, at))))}
${yAxis(
  frame,
  yTicks.map((count) => ({ at: y(count), text: count.toLocaleString('en-US') })),
  'users and connections',
)}${xAxis(
  frame,
  linearTicks(0, endS, 8).map((s) => ({ at: x(s), text: String(s) })),
  'seconds since the start',
)}
${given.map(({ line, points }) => drawLine(line, points, x, y))}`
  const label = `${title}: ${given.map(({ line, points }) => `${names[line]} up to ${mostOf(points)}`).join(', ')}`
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + below}" width="${width}" height="${height + below}" role="img" aria-label="${label}">${content}</svg>`.html}\n`
}

function ticksBeyond(most: number): readonly number[] {
  const ticks = linearTicks(0, most, 5)
  const [first = 0, second = 1] = ticks
  const last = ticks.at(-1) ?? 0
  return last >= most ? ticks : [...ticks, last + second - first]
}

function widthOf(before: readonly { readonly line: GraphLine }[]): number {
  return before.reduce((sum, { line }) => sum + sampleWidth + names[line].length * letterWidth, 0)
}

function legend(line: GraphLine, at: number): Html {
  return html`<path class="line ${line}" d="M${at} 74h26"/><text x="${at + 32}" y="78">${names[line]}</text>`
}

function drawLine(line: GraphLine, points: readonly GraphPoint[], x: Scale, y: Scale): Html {
  const at = points.map(({ atMs, count }) => [x(atMs / 1_000), y(count)] as const)
  const dots = at.length > markedMax ? [] : at.slice(1)
  return html`<path class="line ${line}" d="${linePath(at)}"/>${dots.map(([cx, cy]) => html`<circle class="dot ${line}" cx="${px(cx)}" cy="${px(cy)}" r="3"/>`)}
`
}

function mostOf(points: readonly GraphPoint[]): string {
  return Math.max(...points.map(({ count }) => count)).toLocaleString('en-US')
}
