import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.ts'

test('one who sends many delays another by one, and nobody’s order changes', () => {
  const queue = createFairQueue<string>(100)
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push('a', item)
  queue.push('b', 'b1')
  queue.push('b', 'b2')
  const served = Array.from({ length: 7 }, () => queue.shift())
  expect(served).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4', undefined])
  expect(queue.size).toBe(0)
})

test('what is beyond the bound is not taken', () => {
  const queue = createFairQueue<number>(2)
  expect([1, 2, 3].map((item) => queue.push('a', item))).toEqual([true, true, false])
  queue.shift()
  expect(queue.push('b', 4)).toBe(true)
})
