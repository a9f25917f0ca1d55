import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'
import { constantSchedule, poissonSchedule, type Schedule } from './schedule.ts'

function moments(schedule: Schedule, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { next } = schedule
    schedule.take()
    return next
  })
}

describe('a constant schedule', () => {
  it('has its thousandth moment where arithmetic puts it: no error adds up', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 100_000 }), (startMs, perSecond) => {
        expect(moments(constantSchedule(startMs, perSecond), 1_001).at(-1)).toBe(
          startMs + 1_000 * (1_000 / perSecond),
        )
      }),
    )
  })

  it('does not move when it is asked again', () => {
    const schedule = constantSchedule(50, 10)
    expect([schedule.next, schedule.next]).toEqual([50, 50])
    schedule.take()
    expect(schedule.next).toBe(150)
  })
})

describe('a Poisson schedule', () => {
  it('is the same for the same seed', () => {
    const some = () => moments(poissonSchedule(0, 100, createRandom(7)), 50)
    expect(some()).toEqual(some())
  })

  it('only goes on, and comes to its rate', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const all = moments(poissonSchedule(1_000, 100, createRandom(seed)), 10_000)
        expect(all.every((ms, index) => ms >= (all[index - 1] ?? 1_000))).toBe(true)
        // 10,000 waits of 10 ms: six standard deviations are 6 %.
        expect(((all.at(-1) ?? 0) - 1_000) / 10_000).toBeGreaterThan(9.4)
        expect(((all.at(-1) ?? 0) - 1_000) / 10_000).toBeLessThan(10.6)
      }),
      { numRuns: 20 },
    )
  })
})
