import { expect, test } from 'vitest'
import { compareRuns } from './paired-runs.ts'

test('a cost that grew by a tenth in the median pair is 1.1 times worse', () => {
  const compared = compareRuns({ better: 'less', base: [10, 20, 10], current: [11, 22, 30] })
  expect(compared.worse.median).toBeCloseTo(1.1)
  expect(compared.worse.max).toBeCloseTo(3)
  expect(compared).toMatchObject({ base: 10, current: 22 })
})

test('a rate that fell is worse, and one that grew is not', () => {
  expect(compareRuns({ better: 'more', base: [100], current: [80] }).worse.median).toBe(1.25)
  expect(compareRuns({ better: 'more', base: [100], current: [125] }).worse.median).toBe(0.8)
})
