import { expect, test } from 'vitest'
import { RecentEvents } from './recent-events.ts'

function ringOf(count: number, eventsMax = 4, charsMax = 1_000) {
  const ring = new RecentEvents(0, { eventsMax, charsMax })
  for (let offset = 1; offset <= count; offset += 1) ring.push(offset, `e${offset}`)
  return ring
}

test('what is asked for after an offset comes in order, without a hole', () => {
  expect(ringOf(3).after(1, 10, 100)).toEqual(['e2', 'e3'])
})

test('a ring that does not reach back so far says so instead of giving a part', () => {
  const ring = ringOf(100)
  expect(ring.first).toBeGreaterThan(2)
  expect(ring.after(1, 10, 100)).toBeUndefined()
})

test('nothing after the head is an empty page', () => {
  expect(ringOf(3).after(3, 10, 100)).toEqual([])
  expect(new RecentEvents(7, { eventsMax: 4, charsMax: 100 }).after(7, 10, 100)).toEqual([])
})

test('before the head of an empty ring nothing is known', () => {
  expect(new RecentEvents(7, { eventsMax: 4, charsMax: 100 }).after(6, 10, 100)).toBeUndefined()
})

test('a page has at least one event, however long it is', () => {
  const ring = new RecentEvents(0, { eventsMax: 4, charsMax: 1_000 })
  ring.push(1, 'x'.repeat(500))
  ring.push(2, 'y')
  expect(ring.after(0, 10, 10)).toHaveLength(1)
})

test('an erased event is replaced in its place', () => {
  const ring = ringOf(3)
  ring.replace(2, 'gone')
  expect(ring.after(0, 10, 100)).toEqual(['e1', 'gone', 'e3'])
})

test('memory stays bounded by count and by characters', () => {
  const ring = new RecentEvents(0, { eventsMax: 1_000, charsMax: 100 })
  for (let offset = 1; offset <= 10_000; offset += 1) ring.push(offset, 'x'.repeat(10))
  expect(ring.after(ring.first - 1, 1_000, 1_000_000)?.length).toBeLessThanOrEqual(13)
})
