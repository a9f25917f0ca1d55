import { type Html, html, trusted } from '../report/html.ts'
import {
  type Frame,
  frameOf,
  linearScale,
  linearTicks,
  linePath,
  logScale,
  px,
  xAxis,
  xRange,
  yAxis,
  yRange,
} from '../report/svg.ts'
import type { KeptRun } from './kept-run.ts'

/** Legible on white and, where the system asks for it, on black; lines also differ without colour. */
const style = `
svg { font: 13px system-ui, sans-serif; --ink: #1c2024; --faint: #60646c; --line: #e0e3e8; --paper: #ffffff;
  --first: #0b62c4; --second: #8a4b00; --third: #1b7f3b }
@media (prefers-color-scheme: dark) { svg { --ink: #edeef0; --faint: #b0b4ba; --line: #363a3f; --paper: #18191b;
  --first: #74b8ff; --second: #ffb74d; --third: #6fdc8c } }
.paper { fill: var(--paper) }
text { fill: var(--ink) }
.title { font-size: 16px; font-weight: 600 }
.tick, .axis-title { fill: var(--faint) }
.tick { font-variant-numeric: tabular-nums }
.grid, .base, .mark { stroke: var(--line) }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.first { stroke: var(--first); fill: var(--first) } .second { stroke: var(--second); fill: var(--second) }
.third { stroke: var(--third); fill: var(--third) }
.line.first, .line.second, .line.third { fill: none }
.line.second { stroke-dasharray: 7 4 } .line.third { stroke-dasharray: 2 3 }
`

const tones = ['first', 'second', 'third'] as const

interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const width = 760
const height = 400
const below = 8
/** Width of a letter at most, and of a line's sample with what stands around it. */
const letterWidth = 7
const sampleWidth = 48
const markedMax = 30

/** Server memory of a session against their number: all of it, and what is more than the empty server. */
export function memoryChart(runs: readonly KeptRun[], bare?: KeptRun): string {
  const line = (all: readonly KeptRun[], key: 'bytesPerSession' | 'moreBytesPerSession') =>
    all.flatMap(({ memory }) =>
      memory === undefined ? [] : [[memory.ready, memory[key] / 1_024] as const],
    )
  const series: readonly Series[] = [
    { name: 'all of the server, a session', points: line(runs, 'bytesPerSession') },
    { name: 'more than empty', points: line(runs, 'moreBytesPerSession') },
    ...(bare === undefined
      ? []
      : [{ name: 'bare ws, more than empty', points: line([bare], 'moreBytesPerSession') }]),
  ]
  const all = series.flatMap(({ points }) => points)
  const frame = frameOf(width, height, { top: 96, left: 64, right: 40, bottom: 44 })
  const ready = all.map(([x]) => x)
  const x = logScale([Math.min(...ready), Math.max(...ready)], xRange(frame))
  const ticks = [...new Set(runs.flatMap(({ memory }) => memory?.ready ?? []))].map((count) => ({
    at: x(count),
    text: grouped(count),
  }))
  return draw('Server memory of a session, its half of the kernel’s included', frame, {
    series,
    x,
    most: Math.max(...all.map(([, y]) => y)),
    yTitle: 'KB',
    yText: (value) => String(value),
    xTicks: ticks,
    xTitle: 'ready sessions',
  })
}

/** How many were ready, second by second, of the largest run. */
export function readyChart({ ready, connections }: KeptRun): string {
  const frame = frameOf(width, height, { top: 96, left: 84, right: 24, bottom: 44 })
  const endS = ready.at(-1)?.[0] ?? 1
  const x = linearScale([0, endS], xRange(frame))
  return draw(`${grouped(connections)} sessions`, frame, {
    series: [{ name: 'ready', points: ready }],
    x,
    most: connections,
    yTitle: 'sessions',
    yText: grouped,
    xTicks: linearTicks(0, endS, 8).map((s) => ({ at: x(s), text: grouped(s) })),
    xTitle: 'seconds since the start',
  })
}

function draw(
  title: string,
  frame: Frame,
  about: {
    readonly series: readonly Series[]
    readonly x: (value: number) => number
    readonly most: number
    readonly yTitle: string
    readonly yText: (value: number) => string
    readonly xTicks: readonly { readonly at: number; readonly text: string }[]
    readonly xTitle: string
  },
): string {
  const { series, x, most, yTitle, yText, xTicks, xTitle } = about
  const yTicks = ticksBeyond(most)
  const y = linearScale([0, yTicks.at(-1) ?? most], yRange(frame))
  const lines = series.map(({ points }, at) => {
    const places = points.map(([a, b]) => [x(a), y(b)] as const)
    const dots = places.length > markedMax ? [] : places
    return html`<path class="line ${toneOf(at)}" d="${linePath(places)}"/>${dots.map(([cx, cy]) => html`<circle class="${toneOf(at)}" cx="${px(cx)}" cy="${px(cy)}" r="3"/>`)}`
  })
  const label = `${title}: ${series
    .map(({ name, points }) => `${name} ${points.map(([, value]) => Math.round(value)).at(-1)}`)
    .join(', ')}`
  const content = html`${trusted(`<style>${style}</style>`)}<rect class="paper" width="${width}" height="${height + below}"/>
<text class="title" x="24" y="30">${title}</text>
${series.map((one, at) => legend(one.name, at, 24 + widthOf(series.slice(0, at))))}
${yAxis(
  frame,
  yTicks.map((value) => ({ at: y(value), text: yText(value) })),
  yTitle,
)}${xAxis(frame, xTicks, xTitle)}
${lines}`
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + below}" width="${width}" height="${height + below}" role="img" aria-label="${label}">${content}</svg>`.html}\n`
}

function legend(name: string, no: number, at: number): Html {
  return html`<path class="line ${toneOf(no)}" d="M${at} 58h26"/><text x="${at + 32}" y="62">${name}</text>`
}

function widthOf(before: readonly Series[]): number {
  return before.reduce((sum, { name }) => sum + sampleWidth + name.length * letterWidth, 0)
}

function toneOf(no: number): string {
  return tones[no % tones.length] ?? tones[0]
}

function ticksBeyond(most: number): readonly number[] {
  const ticks = linearTicks(0, most, 5)
  const [first = 0, second = 1] = ticks
  const last = ticks.at(-1) ?? 0
  return last >= most ? ticks : [...ticks, last + second - first]
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
