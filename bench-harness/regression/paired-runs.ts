import { median } from '../compare/median.ts'

/**
 * One figure measured on two servers in turn: the runs with the same index were made side by side.
 */
export interface PairedRuns {
  readonly better: 'less' | 'more'
  readonly base: readonly number[]
  readonly current: readonly number[]
}

export interface Comparison {
  readonly base: number
  readonly current: number
  /** How much worse the current server is, pair by pair: 1 is equal, 1.05 is 5 % worse. */
  readonly worse: { readonly median: number; readonly min: number; readonly max: number }
}

/** Compares pair by pair, so that a machine whose speed drifts slows both sides of a pair. */
export function compareRuns({ better, base, current }: PairedRuns): Comparison {
  const ratios = current.map((value, index) => {
    const other = base[index] ?? Number.NaN
    return better === 'less' ? value / other : other / value
  })
  return {
    base: median(base),
    current: median(current),
    worse: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
  }
}
