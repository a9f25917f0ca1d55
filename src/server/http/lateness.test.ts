import { expect, test } from 'vitest'
import { createLateness, type Lateness } from './lateness.ts'

const everyMs = 50
const empty = { waiting: 0, accepted: 0 }

/** Looks so often, each look as late as given. */
function lookOnTime(lateness: Lateness, fromMs: number, looks: number): number {
  let nowMs = fromMs
  for (let look = 0; look < looks; look += 1) {
    nowMs += everyMs
    lateness.look(nowMs, empty)
  }
  return nowMs
}

/** A queue that grows by so many a second while so many are accepted: what is seen of it at each look. */
function crowd(lateness: Lateness, seconds: number, growing: number, accepting: number): void {
  for (let nowMs = everyMs; nowMs <= seconds * 1_000; nowMs += everyMs) {
    const s = nowMs / 1_000
    lateness.look(nowMs, { waiting: growing * s, accepted: accepting * s })
  }
}

test('a process that is on time and has nobody waiting is not late', () => {
  const lateness = createLateness(0, everyMs)
  lookOnTime(lateness, 0, 100)
  expect(lateness.ms).toBe(0)
})

test('one long pause is forgotten soon, and a loop that stays late is as late as it is', () => {
  const paused = createLateness(0, everyMs)
  paused.look(everyMs + 1_000, empty)
  expect(paused.ms).toBeLessThan(500)
  lookOnTime(paused, everyMs + 1_000, 10)
  expect(paused.ms).toBeLessThan(25)

  const busy = createLateness(0, everyMs)
  for (let look = 1; look <= 30; look += 1) busy.look(look * (everyMs + 800), empty)
  expect(busy.ms).toBeGreaterThan(750)
  expect(busy.ms).toBeLessThanOrEqual(800)
})

test('a queue that is not worked off makes a punctual process late, by its length over the rate', () => {
  const lateness = createLateness(0, everyMs)
  crowd(lateness, 4, 500, 1_000)
  expect(lateness.ms).toBeGreaterThan(1_900)
  expect(lateness.ms).toBeLessThan(2_200)
})

test('nobody has waited longer than since the queue was empty, however slowly it is taken', () => {
  const lateness = createLateness(0, everyMs)
  const nowMs = lookOnTime(lateness, 0, 20)
  lateness.look(nowMs + everyMs, { waiting: 4_000, accepted: 1 })
  expect(lateness.ms).toBe(everyMs)
})

test('a queue of which nothing is taken is as late as it is old', () => {
  const lateness = createLateness(0, everyMs)
  for (let look = 1; look <= 20; look += 1)
    lateness.look(look * everyMs, { waiting: 10, accepted: 0 })
  expect(lateness.ms).toBe(1_000)
})

test('a short queue that never empties is no lateness where it is taken quickly', () => {
  const lateness = createLateness(0, everyMs)
  for (let look = 1; look <= 200; look += 1)
    lateness.look(look * everyMs, { waiting: 20, accepted: look * 100 })
  expect(lateness.ms).toBeCloseTo(10, 0)
})

test('an emptied queue is no lateness at once', () => {
  const lateness = createLateness(0, everyMs)
  crowd(lateness, 4, 500, 1_000)
  lateness.look(4_000 + everyMs, { waiting: 0, accepted: 4_050 })
  expect(lateness.ms).toBe(0)
})
