import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boundsOf,
  createHistogram,
  type EncodedHistogram,
  mergeEncoded,
  percentileOf,
  percentilesOf,
} from './histogram.ts'

/** From a microsecond to nineteen hours, small ones as likely as large ones. */
const times = fc
  .double({ min: -3, max: 7.8, noNaN: true })
  .map((exponent) => Math.round(10 ** exponent * 1_000) / 1_000)

function histogramOf(values: readonly number[]): EncodedHistogram {
  const histogram = createHistogram()
  for (const value of values) histogram.record(value)
  return histogram.encode()
}

describe('a histogram', () => {
  it('that is merged of parts is the one that a single process would have', () => {
    fc.assert(
      fc.property(fc.array(fc.array(times)), (parts) => {
        expect(mergeEncoded(parts.map(histogramOf))).toEqual(histogramOf(parts.flat()))
      }),
    )
  })

  it('knows each value to within 0.8 %, or a microsecond', () => {
    fc.assert(
      fc.property(times, (ms) => {
        const { buckets } = histogramOf([ms])
        const { from, to } = boundsOf(buckets[0] ?? 0)
        expect(from).toBeLessThanOrEqual(ms + 1e-9)
        expect(to).toBeGreaterThan(ms - 1e-9)
        expect(to - from).toBeLessThanOrEqual(Math.max(from * 0.008, 0.001 + 1e-9))
      }),
    )
  })

  it('gives percentiles that are no less than the exact ones, and at most 0.8 % more', () => {
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 100, maxLength: 400 }),
        fc.constantFrom(0.5, 0.9),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b)
          const exact = sorted[Math.ceil(values.length * share) - 1] ?? 0
          const told = percentileOf(histogramOf(values), share) ?? Number.NaN
          expect(told).toBeGreaterThanOrEqual(exact - 1e-9)
          expect(told).toBeLessThanOrEqual(exact * 1.008 + 0.001 + 1e-9)
        },
      ),
    )
  })

  it('keeps the largest value as it is, and no percentile is above it', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1 }), (values) => {
        const encoded = histogramOf(values)
        expect(encoded.max).toBe(Math.max(...values))
        for (const [name, value] of Object.entries(percentilesOf(encoded)))
          if (name.startsWith('p')) expect(value).toBeLessThanOrEqual(encoded.max + 0.000_5)
      }),
    )
  })

  it.each([
    ['p50', 0.5, 20],
    ['p90', 0.9, 100],
    ['p99', 0.99, 1_000],
    ['p99.9', 0.999, 10_000],
  ])('tells %s only with ten samples above it', (_name, share, needed) => {
    const values = Array.from({ length: needed }, () => 5)
    expect(percentileOf(histogramOf(values), share)).toBeCloseTo(5, 1)
    expect(percentileOf(histogramOf(values.slice(1)), share)).toBeUndefined()
  })

  it('holds what is before its time as 0, and what is beyond 19 hours in its last bucket', () => {
    expect(histogramOf([-3, 0])).toEqual({ n: 2, max: 0, buckets: [0, 2] })
    expect(histogramOf([1e9, 1e12]).buckets).toEqual([3_839, 2])
  })

  it('is empty after a reset', () => {
    const histogram = createHistogram()
    histogram.record(4)
    histogram.reset()
    expect(histogram.encode()).toEqual({ n: 0, max: 0, buckets: [] })
  })

  it('marks the figures that a wait without an end may move: those that are not below it', () => {
    const one = createHistogram()
    for (let sample = 0; sample < 900; sample += 1) one.record(5)
    const other = createHistogram()
    other.recordOpen(15_000, 60)
    other.recordOpen(22_000, 40)
    const merged = mergeEncoded([one.encode(), other.encode()])
    expect(merged).toMatchObject({ n: 1_000, max: 22_000, open: { n: 100, min: 15_000 } })
    const { p50, p99, unanswered, atLeast } = percentilesOf(merged)
    expect([unanswered, atLeast]).toEqual([100, ['p99', 'max']])
    expect(p50).toBeLessThan(6)
    expect(p99).toBeGreaterThanOrEqual(22_000)
  })

  it('has no mark when every wait ended, also after it was emptied of those that did not', () => {
    const histogram = createHistogram()
    histogram.recordOpen(1)
    histogram.reset()
    histogram.record(1)
    expect(histogram.encode()).toEqual({ n: 1, max: 1, buckets: expect.any(Array) })
    expect(percentilesOf(histogram.encode())).toEqual({ n: 1, max: 1 })
  })
})
