import { median, quantile } from './median.ts'
import { splits } from './splits.ts'

const most = 500

/**
 * How far apart two sides can be that are the same: every side is cut into two halves in many ways, and the halves are compared as the sides
 * will be. It is the 95th percentile of how far they lie apart, of the side where that is most; a share, 0.03 for 3 %. Sides of a
 * single value tell nothing.
 */
export function noiseFloor(sides: readonly (readonly number[])[], random: () => number): number {
  return Math.max(0, ...sides.map((side) => spreadOf(side, random)))
}

function spreadOf(values: readonly number[], random: () => number): number {
  if (values.length < 2) return 0
  const ways = splits(values.length, Math.floor(values.length / 2), most, random)
  const apart = ways.map((indexes) => {
    const own = new Set(indexes)
    const left = median(values.filter((_, index) => own.has(index)))
    const right = median(values.filter((_, index) => !own.has(index)))
    return Math.max(left, right) / Math.min(left, right) - 1
  })
  return quantile(apart, 0.95)
}
