import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ClockOffset, clockOffMs, errorAt, estimateOffset } from './clock-offset.ts'

const sample = (sentMs: number, thereMs: number, backMs: number, offsetMs: number) => ({
  sentMs,
  heardMs: sentMs + thereMs + backMs,
  at: sentMs + thereMs + offsetMs,
  wallMs: 1_000_000 + sentMs + thereMs,
})

test('the offset is within the error that is told, whichever way the delay lies', () => {
  const ms = fc.double({ min: 0, max: 50, noNaN: true })
  const offset = fc.double({ min: -1e9, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, ms), { minLength: 1 }), offset, (ways, offsetMs) => {
      let clock: ClockOffset | undefined
      ways.forEach(([there, back], no) => {
        clock = estimateOffset(clock, sample(no * 100, there, back, offsetMs))
      })
      const { offsetMs: found = Number.NaN, errorMs = 0 } = clock ?? {}
      expect(Math.abs(found - offsetMs)).toBeLessThanOrEqual(errorMs + 1e-3)
    }),
  )
})

test('the sample with the shortest way counts', () => {
  const near = estimateOffset(undefined, sample(0, 1, 1, 500))
  const far = estimateOffset(near, sample(100, 30, 2, 500))
  expect(far).toBe(near)
  const nearer = estimateOffset(far, sample(200, 0.125, 0.125, 500))
  expect(nearer).toMatchObject({ offsetMs: 500, errorMs: 0.125 })
})

test('an old sample gives way to a newer one that is a little less sure, since clocks drift', () => {
  const old = estimateOffset(undefined, sample(0, 1, 1, 500))
  expect(errorAt(old, 60_002)).toBeCloseTo(7)
  const later = estimateOffset(old, sample(60_000, 3, 3, 503))
  expect(later).toMatchObject({ offsetMs: 503, errorMs: 3 })
})

test('wall clocks are held against each other at one moment', () => {
  const clock = estimateOffset(undefined, { sentMs: 10, heardMs: 12, at: 911, wallMs: 70_011 })
  expect(clockOffMs(clock, 11, 65_011)).toBe(5_000)
  expect(clockOffMs(clock, 1_011, 66_011)).toBe(5_000)
})
