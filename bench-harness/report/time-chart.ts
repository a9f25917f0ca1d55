import type { Second } from '../bundle/bundle.ts'
import { bytesText, countText, msText, shareText } from './figures.ts'
import { type Html, html, nothing } from './html.ts'
import { tableTwin } from './table.ts'

export type Unit = 'count' | 'bytes' | 'ms' | 'share' | 'processors'

/** Colours 1 to 6; each also has a stroke of its own, so that lines can be told apart without colour. */
export type Tone = 1 | 2 | 3 | 4 | 5 | 6

export interface TimeSeries {
  readonly label: string
  readonly tone: Tone
  readonly stroke: 'solid' | 'area' | 'dashed' | 'dotted' | 'thin'
  /** One a second; null where nothing is known. */
  readonly values: readonly (number | null)[]
}

export interface TimeChart {
  readonly id: string
  /** Where several stand side by side. */
  readonly title?: string
  /** What is seen in it, in one sentence. */
  readonly label: string
  readonly unit: Unit
  readonly series: readonly TimeSeries[]
  /** Series are drawn on top of each other, the first at the bottom. */
  readonly stacked?: true
}

/** What the page's script draws: seconds, where they are overloaded, and where phases begin. */
export interface TimeCharts {
  readonly t: readonly number[]
  /** Stretches of overloaded seconds, both ends included. */
  readonly overloaded: readonly (readonly [from: number, to: number])[]
  readonly phases: readonly { readonly t: number; readonly text: string }[]
  readonly charts: readonly TimeChart[]
}

export function timeChartsOf(seconds: readonly Second[], charts: readonly TimeChart[]): TimeCharts {
  return {
    t: seconds.map(({ t }) => t),
    overloaded: overloadedStretches(seconds),
    phases: phaseStarts(seconds),
    charts,
  }
}

export function overloadedStretches(seconds: readonly Second[]): [number, number][] {
  const stretches: [number, number][] = []
  for (const { t, overloaded } of seconds) {
    if (overloaded.length === 0) continue
    const last = stretches.at(-1)
    if (last !== undefined && last[1] === t - 1) last[1] = t
    else stretches.push([t, t])
  }
  return stretches
}

export function phaseStarts(seconds: readonly Second[]): { t: number; text: string }[] {
  return seconds.flatMap(({ t, phase }, index) =>
    phase === seconds[index - 1]?.phase ? [] : [{ t, text: phase }],
  )
}

/** A place for a chart, which the page's script fills, with the same figures as a table. */
export function timeChart(chart: TimeChart, seconds: readonly Second[]): Html {
  const every = Math.max(1, Math.ceil(seconds.length / 40))
  const rows = seconds.flatMap(({ t, phase }, index) =>
    index % every > 0 && index < seconds.length - 1
      ? []
      : [
          [
            String(t),
            phase,
            ...chart.series.map(({ values }) => unitText(chart.unit, values[index] ?? null)),
          ],
        ],
  )
  const caption = every === 1 ? chart.label : `${chart.label} Every ${every} s.`
  const head = ['second', 'phase', ...chart.series.map(({ label }) => label)]
  return html`<figure class="time" id="${chart.id}">${chart.title === undefined ? nothing : html`<h3>${chart.title}</h3>`}<div class="plot" tabindex="0" role="img" aria-label="${chart.label} Left and right move along it."></div><noscript><p class="note">This chart takes a script to draw; its figures are in the table.</p></noscript>${tableTwin(caption, head, rows)}</figure>`
}

export function unitText(unit: Unit, value: number | null): string {
  if (value === null) return '–'
  switch (unit) {
    case 'count':
      return countText(value)
    case 'bytes':
      return bytesText(value)
    case 'ms':
      return msText(value)
    case 'share':
      return shareText(value)
    case 'processors':
      return String(Math.round(value * 100) / 100)
    default:
      return unit satisfies never
  }
}
