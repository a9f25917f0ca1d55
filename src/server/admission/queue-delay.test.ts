import { expect, test } from 'vitest'
import { createQueueDelay } from './queue-delay.ts'

const everyMs = 50

/** A queue that grows by so many a second while so many are taken: what is seen of it at each look. */
function crowded(
  seconds: number,
  growing: number,
  taking: number,
): ReturnType<typeof createQueueDelay> {
  const wait = createQueueDelay(0)
  for (let nowMs = everyMs; nowMs <= seconds * 1_000; nowMs += everyMs) {
    const s = nowMs / 1_000
    wait.look(nowMs, { waiting: growing * s, taken: taking * s })
  }
  return wait
}

test('a queue that is not worked off is as long as it takes at its rate', () => {
  const { ms } = crowded(4, 500, 1_000)
  expect(ms).toBeGreaterThan(1_900)
  expect(ms).toBeLessThan(2_200)
})

test('nobody has waited longer than since the queue was empty, however slowly it is taken', () => {
  const wait = createQueueDelay(0)
  wait.look(1_000, { waiting: 0, taken: 0 })
  wait.look(1_050, { waiting: 4_000, taken: 1 })
  expect(wait.ms).toBe(50)
})

test('a queue of which nothing is taken is as long as it is old', () => {
  expect(crowded(1, 10, 0).ms).toBe(1_000)
})

test('a short queue that never empties is none where it is taken quickly', () => {
  const wait = createQueueDelay(0)
  for (let look = 1; look <= 200; look += 1)
    wait.look(look * everyMs, { waiting: 20, taken: look * 100 })
  expect(wait.ms).toBeCloseTo(10, 0)
})

test('an emptied queue is none at once', () => {
  const wait = crowded(4, 500, 1_000)
  wait.look(4_050, { waiting: 0, taken: 4_050 })
  expect(wait.ms).toBe(0)
})
