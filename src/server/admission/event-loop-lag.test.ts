import { expect, test } from 'vitest'
import { createEventLoopLag } from './event-loop-lag.ts'

const everyMs = 50

test('a loop whose timers fire when they are due is not late', () => {
  const lateness = createEventLoopLag(0, everyMs)
  for (let look = 1; look <= 100; look += 1) lateness.look(look * everyMs)
  expect(lateness.ms).toBe(0)
})

test('one long pause counts for little and is forgotten soon', () => {
  const lateness = createEventLoopLag(0, everyMs)
  lateness.look(everyMs + 2_000)
  expect(lateness.ms).toBe(400)
  for (let look = 2; look <= 11; look += 1) lateness.look(2_000 + look * everyMs)
  expect(lateness.ms).toBeLessThan(50)
})

test('a loop that stays late is as late as it is', () => {
  const lateness = createEventLoopLag(0, everyMs)
  for (let look = 1; look <= 30; look += 1) lateness.look(look * (everyMs + 800))
  expect(lateness.ms).toBeGreaterThan(750)
  expect(lateness.ms).toBeLessThanOrEqual(800)
})
