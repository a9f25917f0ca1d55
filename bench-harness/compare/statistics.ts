/** The middle of some numbers; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (high === undefined) return Number.NaN
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}

export interface Interval {
  readonly low: number
  readonly high: number
}

const resamples = 2_000

/**
 * The ratio of the medians of two groups of runs, with a 95 % interval by the bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap,
 * chapter 13): runs are drawn again with replacement, since the run is what was repeated. `random` gives numbers from 0 up to 1.
 */
export function ratioOfMedians(
  base: readonly number[],
  other: readonly number[],
  random: () => number,
): { readonly ratio: number; readonly interval: Interval } {
  const draw = (values: readonly number[]): readonly number[] =>
    values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)
  const ratios = Array.from(
    { length: resamples },
    () => medianOf(draw(other)) / medianOf(draw(base)),
  ).sort((a, b) => a - b)
  const at = (share: number): number => ratios[Math.floor(share * (resamples - 1))] ?? Number.NaN
  return {
    ratio: medianOf(other) / medianOf(base),
    interval: { low: at(0.025), high: at(0.975) },
  }
}

/**
 * How often chance alone would part two groups as far as they are: the permutation test on the difference of means, which five
 * runs a side suffice for (Good, Permutation,
 * Parametric and Bootstrap Tests of Hypotheses, chapter 3).
 */
export function permutationP(
  base: readonly number[],
  other: readonly number[],
  random: () => number,
): number {
  const all = [...base, ...other]
  const seen = Math.abs(meanOf(other) - meanOf(base))
  let asFar = 0
  for (let no = 0; no < resamples; no += 1) {
    const mixed = shuffled(all, random)
    const apart = meanOf(mixed.slice(base.length)) - meanOf(mixed.slice(0, base.length))
    if (Math.abs(apart) >= seen - 1e-12) asFar += 1
  }
  return (asFar + 1) / (resamples + 1)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function shuffled(values: readonly number[], random: () => number): readonly number[] {
  const mixed = [...values]
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const place = Math.floor(random() * (last + 1))
    const [one, other] = [mixed[last], mixed[place]]
    if (one === undefined || other === undefined) break
    mixed[last] = other
    mixed[place] = one
  }
  return mixed
}

/**
 * By how much runs of one and the same thing differ, as a share: the largest step from the median to a run of it. A difference between groups
 * that is smaller says nothing.
 */
export function noiseFloorOf(groups: readonly (readonly number[])[]): number {
  const shares = groups.flatMap((values) => {
    const middle = medianOf(values)
    return values.length < 2 || middle === 0 ? [] : values.map((one) => Math.abs(one / middle - 1))
  })
  return shares.length === 0 ? 0 : Math.max(...shares)
}
