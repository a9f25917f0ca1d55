import { splits } from './splits.ts'

const most = 5_000

/**
 * How often two sides would differ at least so much if which value belongs to which side were chance alone: a two-sided permutation test
 * on the difference of the mean logarithms. Exact for few values, else of 5,000 permutations.
 */
export function permutationP(
  a: readonly number[],
  b: readonly number[],
  random: () => number,
): number {
  const all = [...a, ...b]
  const seen = distance(a, b)
  const ways = splits(all.length, a.length, most, random)
  const asFar = ways.filter((indexes) => {
    const own = new Set(indexes)
    const left = all.filter((_, index) => own.has(index))
    const right = all.filter((_, index) => !own.has(index))
    return distance(left, right) >= seen - 1e-12
  })
  return asFar.length / ways.length
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.abs(meanLog(a) - meanLog(b))
}

function meanLog(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.log(value), 0) / values.length
}
