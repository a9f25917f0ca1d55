import { expect, test } from 'vitest'
import { createArrivalIndex } from './write-buffer-index.ts'

const key = Buffer.from('k')

function indexOf(...rows: readonly (readonly [no: number, channelId: number, offset: number])[]) {
  const index = createArrivalIndex()
  for (const [no, channelId, offset] of rows) index.add({ no, channelId, offset, key: null })
  return index
}

test('a row is found by its channel and offset', () => {
  const index = indexOf([1, 7, 5], [2, 8, 1], [3, 7, 6])
  expect(index.noOf(7, 5)).toBe(1)
  expect(index.noOf(7, 6)).toBe(3)
  expect(index.noOf(7, 4)).toBeUndefined()
  expect(index.noOf(7, 7)).toBeUndefined()
  expect(index.noOf(9, 1)).toBeUndefined()
  expect(index.firstOf(7)).toBe(5)
  expect(index.lastOf(7)).toBe(6)
  expect(index.count(8)).toBe(1)
  expect(index.channelIds()).toEqual([7, 8])
})

test('the numbers after an offset end at a number', () => {
  const index = indexOf([1, 7, 5], [2, 7, 6], [9, 7, 7])
  expect(index.nosAfter(7, 0, 9)).toEqual([1, 2, 9])
  expect(index.nosAfter(7, 5, 8)).toEqual([2])
  expect(index.nosAfter(7, 7, 9)).toEqual([])
  expect(index.nosAfter(9, 0, 9)).toEqual([])
})

test('a row that does not follow begins its channel anew', () => {
  const index = indexOf([1, 7, 5], [2, 7, 6], [3, 7, 9])
  expect(index.noOf(7, 6)).toBeUndefined()
  expect(index.noOf(7, 9)).toBe(3)
  expect(index.count(7)).toBe(1)
})

test('rows are forgotten up to a number, and their keys with them', () => {
  const index = createArrivalIndex()
  index.add({ no: 1, channelId: 7, offset: 1, key })
  index.add({ no: 2, channelId: 8, offset: 1, key })
  index.add({ no: 3, channelId: 7, offset: 2, key: null })
  index.forgetThrough(2)
  expect(index.channelIds()).toEqual([7])
  expect(index.offsetOf(7, key)).toBeUndefined()
  expect(index.noOf(7, 1)).toBeUndefined()
  expect(index.noOf(7, 2)).toBe(3)
})

test('a key that was released and arrived again outlives the row that had it first', () => {
  const index = createArrivalIndex()
  index.add({ no: 1, channelId: 7, offset: 1, key })
  expect(index.offsetOf(7, key)).toBe(1)
  index.releaseKey(7, key)
  expect(index.offsetOf(7, key)).toBeUndefined()
  index.add({ no: 2, channelId: 7, offset: 2, key })
  index.forgetThrough(1)
  expect(index.offsetOf(7, key)).toBe(2)
})

test('keys are told apart by every byte', () => {
  const index = createArrivalIndex()
  index.add({ no: 1, channelId: 7, offset: 1, key: Buffer.of(0xc3, 0x28) })
  expect(index.offsetOf(7, Buffer.of(0xc3, 0x29))).toBeUndefined()
  expect(index.offsetOf(7, Buffer.of(0xc3, 0x28))).toBe(1)
})
