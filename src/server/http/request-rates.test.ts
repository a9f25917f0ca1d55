import { expect, test } from 'vitest'
import { createRequestRates } from './request-rates.ts'

const limits = { httpRequestsPerSecond: 10, httpRequestsBurst: 3 }

test('each may ask so often at once, and then so often a second, whatever others do', () => {
  let nowMs = 0
  const rates = createRequestRates(limits, () => nowMs)
  expect([1, 2, 3].map(() => rates.take('ann'))).toEqual([0, 0, 0])
  expect(rates.take('ann')).toBe(100)
  expect(rates.take('bob')).toBe(0)
  nowMs = 99
  expect(rates.take('ann')).toBe(1)
  nowMs = 100
  expect(rates.take('ann')).toBe(0)
  expect(rates.take('ann')).toBe(100)
})

test('the number of buckets is bounded, and the most recent ones are kept', () => {
  const rates = createRequestRates(limits, () => 0)
  for (let times = 0; times < 3; times += 1) rates.take('ann')
  for (let no = 0; no < 9_999; no += 1) rates.take(`user ${no}`)
  expect(rates.take('ann')).toBeGreaterThan(0)
  rates.take('one more')
  expect(rates.take('ann')).toBe(0)
})
