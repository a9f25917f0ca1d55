import { median, quantile } from './median.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

const rounds = 2_000

/**
 * The 95 % interval of the ratio of two medians, `b` by `a`, by drawing each side's values anew with replacement and taking the middle 95 %
 * of what comes out (Efron's percentile bootstrap). A value is a whole run, or a block of one: never a single request.
 */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
  random: () => number,
): Interval {
  const ratios = Array.from(
    { length: rounds },
    () => median(drawn(b, random)) / median(drawn(a, random)),
  )
  return { low: quantile(ratios, 0.025), high: quantile(ratios, 0.975) }
}

/** The 95 % interval of a median, in the same way. */
export function medianInterval(values: readonly number[], random: () => number): Interval {
  const medians = Array.from({ length: rounds }, () => median(drawn(values, random)))
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) }
}

function drawn(values: readonly number[], random: () => number): number[] {
  return values.map((value) => values[Math.floor(random() * values.length)] ?? value)
}
