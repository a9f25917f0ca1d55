import { expect, test } from 'vitest'
import { createRandom } from '../plan/random.ts'
import { medianOf, noiseFloorOf, permutationP, ratioOfMedians } from './statistics.ts'

const seeds = Array.from({ length: 200 }, (_, index) => index + 1)

/** Five runs of something that takes about so long, with a spread of a twentieth. */
function fiveRuns(ms: number, random: () => number): readonly number[] {
  return Array.from({ length: 5 }, () => ms * (1 + (random() + random() - 1) / 10))
}

/** As a comparison decides it. */
function isShown(base: readonly number[], other: readonly number[], random: () => number): boolean {
  const { ratio, interval } = ratioOfMedians(base, other, random)
  const isClear = interval.low > 1 || interval.high < 1
  const isLarge = Math.abs(ratio - 1) > noiseFloorOf([base, other])
  return isClear && isLarge && permutationP(base, other, random) < 0.05
}

test('two groups of runs of the same thing show no difference, in 95 of 100 pairs or more', () => {
  const shown = seeds.filter((seed) => {
    const random = createRandom(seed)
    return isShown(fiveRuns(10, random), fiveRuns(10, random), random)
  })
  expect(shown.length).toBeLessThanOrEqual(seeds.length * 0.05)
})

test('five runs that are a fifth slower are found', () => {
  const found = seeds.filter((seed) => {
    const random = createRandom(seed)
    return isShown(fiveRuns(10, random), fiveRuns(12, random), random)
  })
  expect(found.length).toBeGreaterThanOrEqual(seeds.length * 0.9)
})

test('the interval holds the ratio, and the median is the middle', () => {
  const { ratio, interval } = ratioOfMedians([10, 11, 12], [20, 22, 24], createRandom(1))
  expect(ratio).toBe(2)
  expect(interval.low).toBeLessThanOrEqual(2)
  expect(interval.high).toBeGreaterThanOrEqual(2)
  expect([medianOf([3, 1, 2]), medianOf([1, 2, 3, 4])]).toEqual([2, 2.5])
})
