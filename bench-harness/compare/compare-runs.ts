import { RusherError } from '../../src/protocol/errors.ts'
import type { LatencyKind } from '../control/messages.ts'
import { headlineOf } from '../report/headline.ts'
import { type Interval, medianInterval, ratioInterval } from './bootstrap.ts'
import { blocksOf, type ComparedFigure, comparedFigures } from './compared-figures.ts'
import { type Difference, differencesOf } from './differences.ts'
import { median } from './median.ts'
import { noiseFloor } from './noise-floor.ts'
import { permutationP } from './permutation.ts'
import { type NamedRun, type Variant, variantsOf } from './variants.ts'

/** Variants by every figure that all their runs have. The first variant is the one that the others are held against. */
export interface Comparison {
  readonly headline: LatencyKind
  readonly variants: readonly Variant[]
  /** The first decides. */
  readonly figures: readonly ComparedRows[]
  readonly differences: readonly Difference[]
}

export interface ComparedRows {
  readonly figure: ComparedFigure
  /** In the order of the variants. */
  readonly rows: readonly ComparedRow[]
}

export interface ComparedRow {
  readonly variant: string
  /** One a run. */
  readonly values: readonly number[]
  readonly median: number
  /** 95 %; absent where one run has no blocks to draw from. */
  readonly interval?: Interval
  /** How near it comes to the best of them: 1 for the best, 0.8 for one that is 20 % behind. */
  readonly ofBest: number
  /** Against the first variant; absent of that itself. */
  readonly delta?: Delta
}

export interface Delta {
  /** By the first variant's median. */
  readonly ratio: number
  readonly interval?: Interval
  readonly basis: 'runs' | 'blocks'
  /** A share: smaller differences are not shown. */
  readonly noise: number
  readonly p?: number
  readonly outcome: 'no difference shown' | 'better' | 'worse'
  /** True with fewer than three runs a side: then it shows where to look, and no more. */
  readonly isDirectional: boolean
}

/** Runs a side from which on their own spread says enough of what chance does. */
const runsMin = 3

/** What is taken for the noise between runs where too few were made to know it. */
export const assumedNoise = 0.1

/** Histograms know a value to within 0.8 %. */
const noiseMin = 0.01

export interface CompareOptions {
  readonly random: () => number
  /** Compares also what is refused otherwise. */
  readonly anyway?: boolean
}

/**
 * Compares runs. Throws a `RusherError` (`COMPARE`) when they are fewer than two, share no figure, or differ in what makes a comparison
 * worthless; the message has the difference.
 */
export function compareRuns(runs: readonly NamedRun[], options: CompareOptions): Comparison {
  const [first] = runs
  if (first === undefined || runs.length < 2)
    throw new RusherError(
      'COMPARE',
      'a comparison takes two runs or more: name their folders or ids',
    )
  const variants = variantsOf(runs)
  const differences = differencesOf(variants)
  const refused = differences.filter(({ weight }) => weight === 'refuse')
  if (refused.length > 0 && options.anyway !== true)
    throw new RusherError(
      'COMPARE',
      `these runs cannot be compared:\n${refused.map(differenceText).join('\n')}\nRun them again, or compare them --anyway.`,
    )
  const headline = headlineOf(first.bundle)
  const figures = comparedFigures(headline).flatMap((figure) => {
    const rows = rowsOf(variants, figure, options.random)
    return rows === undefined ? [] : [{ figure, rows }]
  })
  if (figures.length === 0)
    throw new RusherError('COMPARE', 'no figure was measured in all of these runs; measure longer')
  return { headline, variants, figures, differences }
}

/** A difference with what each run has. */
export function differenceText({ what, of }: Difference): string {
  return [what, ...of.map(({ text, runs }) => `  ${text}: ${runsText(runs)}`)].join('\n')
}

/** The first few runs by name, and how many more. */
export function runsText(runs: readonly string[]): string {
  const shown = runs.slice(0, 3).join(', ')
  return runs.length > 3 ? `${shown} and ${runs.length - 3} more` : shown
}

function rowsOf(
  variants: readonly Variant[],
  figure: ComparedFigure,
  random: () => number,
): ComparedRow[] | undefined {
  const sides: Side[] = []
  const isSingle = variants.some(({ runs }) => runs.length === 1)
  for (const { name, runs } of variants) {
    const values = runs.map(({ bundle }) => figure.ofRun(bundle))
    const known = values.filter((value) => value !== undefined)
    if (known.length < runs.length) return undefined
    // Blocks stand for runs only where there is one run.
    const blocks =
      runs.length > 1 && !isSingle ? [] : runs.flatMap((run) => blockValues(run, figure))
    sides.push({ name, values: known, blocks, median: median(known) })
  }
  const [base] = sides
  const medians = sides.map((side) => side.median)
  const best = figure.better === 'less' ? Math.min(...medians) : Math.max(...medians)
  return sides.map((side) => {
    const drawn = side.values.length > 1 ? side.values : side.blocks
    return {
      variant: side.name,
      values: side.values,
      median: side.median,
      ...(drawn.length > 1 ? { interval: medianInterval(drawn, random) } : {}),
      ofBest: figure.better === 'less' ? best / side.median : side.median / best,
      ...(base === undefined || side === base
        ? {}
        : { delta: deltaOf(base, side, figure.better, random) }),
    }
  })
}

function blockValues({ bundle }: NamedRun, { ofBlock }: ComparedFigure): number[] {
  return blocksOf(bundle).flatMap((block) => ofBlock?.(block) ?? [])
}

interface Side {
  readonly name: string
  readonly values: readonly number[]
  readonly blocks: readonly number[]
  readonly median: number
}

/** What differs has to lie outside of both: what drawing the values anew gives, and what two halves of the same differ by. */
function deltaOf(
  base: Side,
  side: Side,
  better: ComparedFigure['better'],
  random: () => number,
): Delta {
  const runs = Math.min(base.values.length, side.values.length)
  const basis = runs > 1 ? 'runs' : 'blocks'
  const [a, b] = basis === 'runs' ? [base.values, side.values] : [base.blocks, side.blocks]
  const isDirectional = runs < runsMin
  const isKnown = Math.min(a.length, b.length) > 1
  const ratio = side.median / base.median
  const found = isKnown ? noiseFloor([a, b], random) : 0
  const noise = Math.max(found, isDirectional ? assumedNoise : noiseMin)
  const interval = isKnown ? ratioInterval(a, b, random) : undefined
  const isOutside = interval !== undefined && (interval.low > 1 || interval.high < 1)
  const isShown = isOutside && Math.max(ratio, 1 / ratio) - 1 > noise
  const isBetter = better === 'less' ? ratio < 1 : ratio > 1
  return {
    ratio,
    ...(interval === undefined ? {} : { interval }),
    basis,
    noise,
    ...(basis === 'runs' ? { p: permutationP(a, b, random) } : {}),
    outcome: !isShown ? 'no difference shown' : isBetter ? 'better' : 'worse',
    isDirectional,
  }
}
