import { expect, test } from 'vitest'
import { createOverloadDetector, type OverloadDetector } from './overload.ts'

/** Looks every 50 ms from one moment to another; gives the moments at which something was to be dropped. */
function dropsIn(
  should: OverloadDetector,
  fromMs: number,
  toMs: number,
  queueMs: number,
): number[] {
  const drops: number[] = []
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) if (should(nowMs, queueMs)) drops.push(nowMs)
  return drops
}

test('a queue that is not late is never dropped', () => {
  expect(dropsIn(createOverloadDetector(500), 0, 60_000, 500)).toEqual([])
})

test('refusing is tried for a second, and what it works off is not dropped', () => {
  const should = createOverloadDetector(500)
  expect(dropsIn(should, 0, 950, 501)).toEqual([])
  expect(should(1_000, 400)).toBe(false)
  expect(dropsIn(should, 1_050, 2_000, 501)).toEqual([])
})

test('a queue that refusing does not shorten is dropped, and then whenever it is late again', () => {
  const should = createOverloadDetector(500)
  expect(dropsIn(should, 0, 1_000, 3_000)).toEqual([1_000])
  expect(dropsIn(should, 1_050, 2_000, 300)).toEqual([])
  expect(should(2_050, 501)).toBe(true)
  expect(dropsIn(should, 2_100, 3_000, 300)).toEqual([])
  expect(should(3_050, 501)).toBe(true)
})

test('when nothing was late for ten seconds refusing is tried again', () => {
  const should = createOverloadDetector(500)
  expect(dropsIn(should, 0, 1_000, 3_000)).toEqual([1_000])
  expect(dropsIn(should, 1_050, 12_000, 0)).toEqual([])
  expect(dropsIn(should, 12_050, 13_050, 501)).toEqual([13_050])
})
