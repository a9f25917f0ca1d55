import { expect, test } from 'vitest'
import { addUnconfirmed, type ClockRange, confirm, lowered } from './unconfirmed.ts'

const vector = new Map([
  [7, 9],
  [8, 5],
])

test('a range grows at its end, and the vector is lowered to its beginning', () => {
  const ranges = new Map<number, ClockRange>()
  expect(lowered(vector, ranges, () => true)).toBeUndefined()
  addUnconfirmed(ranges, 7, { from: 3, to: 5 }, 10)
  addUnconfirmed(ranges, 7, { from: 7, to: 9 }, 10)
  addUnconfirmed(ranges, 8, { from: 0, to: 5 }, 10)
  expect(ranges.get(7)).toEqual({ from: 3, to: 9 })
  expect(lowered(vector, ranges, (client) => client === 7)).toEqual(
    new Map([
      [7, 3],
      [8, 5],
    ]),
  )
  expect(lowered(vector, ranges, () => true)).toEqual(new Map([[7, 3]]))
  expect(lowered(vector, ranges, () => false)).toBeUndefined()
})

test('only what begins with the range confirms it, as far as it goes', () => {
  const ranges = new Map([[7, { from: 3, to: 9 }]])
  confirm(ranges, 7, { from: 4, to: 9 })
  confirm(ranges, 7, { from: 0, to: 3 })
  confirm(ranges, 8, { from: 0, to: 9 })
  expect(ranges.get(7)).toEqual({ from: 3, to: 9 })
  confirm(ranges, 7, { from: 0, to: 5 })
  expect(ranges.get(7)).toEqual({ from: 5, to: 9 })
  confirm(ranges, 7, { from: 5, to: 9 })
  expect(ranges.size).toBe(0)
})

test('the ranges are bounded, and the oldest goes first', () => {
  const ranges = new Map<number, ClockRange>()
  for (const client of [1, 2, 3]) addUnconfirmed(ranges, client, { from: 0, to: 1 }, 2)
  expect([...ranges.keys()]).toEqual([2, 3])
})
