import { expect, test } from 'vitest'
import { FakeClock } from '../../runtime/testing/fake-clock.ts'
import { createClockWatch } from './clock-watch.ts'

test('a wall clock that is set is noticed once, in either direction; one that runs is not', () => {
  const clock = new FakeClock()
  const watch = createClockWatch(clock)
  expect(watch.wasSet()).toBe(false)
  clock.pass(10_000)
  expect(watch.wasSet()).toBe(false)
  clock.setWall(3_600_000)
  expect([watch.wasSet(), watch.wasSet()]).toEqual([true, false])
  clock.setWall(-3_600_000)
  expect([watch.wasSet(), watch.wasSet()]).toEqual([true, false])
})

test('small NTP corrections do not count as setting the clock', () => {
  const clock = new FakeClock()
  const watch = createClockWatch(clock)
  for (let step = 0; step < 100; step += 1) {
    clock.setWall(20)
    clock.pass(250)
    expect(watch.wasSet()).toBe(false)
  }
})
