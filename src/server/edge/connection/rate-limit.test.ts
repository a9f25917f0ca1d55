import { expect, test } from 'vitest'
import { take } from './rate-limit.ts'

const rate = { perSecond: 10, burst: 3 }

test('a full bucket gives its burst at once, then says how long to wait', () => {
  let fullAtMs = 0
  for (let taken = 0; taken < 3; taken += 1) {
    const result = take(fullAtMs, 1_000, rate)
    if (!('fullAtMs' in result)) throw new Error('the burst was refused')
    fullAtMs = result.fullAtMs
  }
  expect(take(fullAtMs, 1_000, rate)).toEqual({ waitMs: 100 })
})

test('after the wait it gave, one is granted', () => {
  expect(take(1_300, 1_100, rate)).toEqual({ fullAtMs: 1_400 })
})

test('a bucket left alone fills up to its burst and no further', () => {
  let fullAtMs = 0
  let granted = 0
  for (let tries = 0; tries < 10; tries += 1) {
    const result = take(fullAtMs, 1_000_000, rate)
    if ('fullAtMs' in result) {
      fullAtMs = result.fullAtMs
      granted += 1
    }
  }
  expect(granted).toBe(3)
})
