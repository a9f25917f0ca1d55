import { shareText } from '../report/figures.ts'
import type { Comparison, Delta } from './compare-runs.ts'
import type { ComparedFigure } from './compared-figures.ts'

/** `22 % more (95 %: 18 to 27 %)`. */
export function ratioText({ ratio, interval }: Pick<Delta, 'ratio' | 'interval'>): string {
  const change = signed(ratio)
  const by = change.startsWith('±')
    ? 'the same'
    : `${change.slice(1)} ${ratio < 1 ? 'less' : 'more'}`
  return interval === undefined
    ? by
    : `${by} (95 %: ${signed(interval.low)} to ${signed(interval.high)})`
}

/** A ratio as a change: `+22 %`, `−3.1 %`. */
export function signed(ratio: number): string {
  const tenths = Math.round((ratio - 1) * 1_000) / 10
  const sign = tenths < 0 ? '−' : tenths > 0 ? '+' : '±'
  return `${sign}${Math.abs(tenths)} %`
}

/** What a difference comes to: `worse`, `no difference shown`, and whether it only shows where to look. */
export function outcomeText({ outcome, isDirectional }: Delta): string {
  return isDirectional && outcome !== 'no difference shown' ? `${outcome}, directional` : outcome
}

/** What an outcome rests on: `noise 3.1 %, p = 0.008 by permutation`. */
export function basisText({ noise, p }: Delta): string {
  const chance = p === undefined ? '' : `, p = ${Number(p.toPrecision(2))} by permutation`
  return `noise ${signed(1 + noise).slice(1)}${chance}`
}

/** How intervals came about, and what they are worth. */
export function methodText({ figures }: Comparison): string {
  const deltas = figures.flatMap(({ rows }) => rows.flatMap(({ delta }) => delta ?? []))
  const how = deltas.some(({ basis }) => basis === 'blocks')
    ? 'One side has a single run: intervals are of blocks of ten seconds of it.'
    : 'Intervals are of 95 %, by drawing runs anew.'
  const unknown = deltas.some(({ interval }) => interval === undefined)
    ? ' Where none stands, there is too little to tell: measure longer, and repeat.'
    : ''
  const directional = deltas.some(({ isDirectional }) => isDirectional)
    ? ' With fewer than three runs a side, what is shown is directional: it tells where to look. Repeat the runs to know.'
    : ''
  return `${how}${unknown}${directional}`
}

/** The whole comparison in a sentence for each variant, by the figure that decides. */
export function sentencesOf({ figures, variants }: Comparison): readonly string[] {
  const [first] = figures
  const base = variants[0]?.name ?? ''
  if (first === undefined) return []
  return first.rows.flatMap(({ variant, delta }) =>
    delta === undefined ? [] : [sentenceOf(first.figure, variant, base, delta)],
  )
}

function sentenceOf({ name }: ComparedFigure, variant: string, base: string, delta: Delta): string {
  if (delta.outcome === 'no difference shown')
    return `${variant}: no difference shown to ${base} in ${name} (${signed(delta.ratio)}, noise ${signed(1 + delta.noise).slice(1)}).`
  return `${variant} is ${outcomeText(delta)} than ${base} in ${name}: ${ratioText(delta)}.`.replace(
    ', directional than',
    ' (directional) than',
  )
}

/** With which runs of one variant only the noise can be told. */
export function noiseOnly({ variants, figures }: Comparison): string | undefined {
  const [only, ...others] = variants
  if (only === undefined || others.length > 0) return undefined
  const [first] = figures
  const values = first?.rows[0]?.values ?? []
  const spread = values.length > 1 ? Math.max(...values) / Math.min(...values) - 1 : 0
  return `Nothing differs between these ${only.runs.length} runs: they are repetitions, and ${first?.figure.name ?? 'their figures'} lies ${shareText(spread)} apart. To compare variants, give them labels, as in before=run1,run2 after=run3,run4.`
}
