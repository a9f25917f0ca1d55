import { expect, test } from 'vitest'
import { Presence } from './presence.ts'

const options = { graceMs: 5_000, usersMax: 3, sampleMax: 2, sampleMs: 1_000 }
const ann = { id: 'ann', name: 'Ann' }
const bob = { id: 'bob' }

test('a user is told once, however many sessions they have', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.join(2, ann)
  expect(presence.tick(0, true)).toEqual({ kind: 'diff', joined: [ann], left: [] })
  presence.leave(1, 'ann', 10, true)
  expect(presence.tick(20, true)).toBeUndefined()
  expect(presence.count).toBe(1)
})

test('a reload within the grace is not told at all', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.tick(0, true)
  presence.leave(1, 'ann', 100, false)
  expect(presence.tick(4_000, true)).toBeUndefined()
  presence.join(1, ann)
  expect(presence.tick(60_000, true)).toBeUndefined()
  expect(presence.count).toBe(1)
})

test('who leaves and does not return is told when the grace has ended', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.tick(0, true)
  presence.leave(1, 'ann', 100, false)
  expect(presence.restless).toBe(true)
  expect(presence.tick(5_100, true)).toEqual({ kind: 'diff', joined: [], left: ['ann'] })
  expect(presence.restless).toBe(false)
})

test('leaving on purpose is told at once', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.tick(0, true)
  presence.leave(1, 'ann', 100, true)
  expect(presence.tick(100, true)).toEqual({ kind: 'diff', joined: [], left: ['ann'] })
})

test('the members of an edge that died go, those on another stay', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.join(1, bob)
  presence.join(2, ann)
  presence.tick(0, true)
  presence.dropEdge(1, 100)
  expect(presence.tick(5_100, true)).toEqual({ kind: 'diff', joined: [], left: ['bob'] })
})

test('above the limit a sample stands for everybody, at most once in a while, and the count is exact', () => {
  const presence = new Presence(options)
  for (const id of ['a', 'b', 'c', 'd']) presence.join(1, { id })
  expect(presence.tick(0, true)).toEqual({ kind: 'sample', users: [{ id: 'a' }, { id: 'b' }] })
  presence.join(1, { id: 'e' })
  expect(presence.tick(500, true)).toBeUndefined()
  expect(presence.tick(1_000, true)).toEqual({ kind: 'sample', users: [{ id: 'a' }, { id: 'b' }] })
  expect(presence.count).toBe(5)
})

test('back under the limit everybody is named again', () => {
  const presence = new Presence(options)
  for (const id of ['a', 'b', 'c', 'd']) presence.join(1, { id })
  presence.tick(0, true)
  presence.leave(1, 'd', 2_000, true)
  expect(presence.tick(2_000, true)).toEqual({
    kind: 'sample',
    users: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
  })
})

test('leaving twice, or without having joined, changes nothing', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.leave(1, 'bob', 0, true)
  presence.leave(2, 'ann', 0, true)
  expect(presence.count).toBe(1)
  expect(presence.tick(0, true)).toEqual({ kind: 'diff', joined: [ann], left: [] })
})

test('who came and went between two looks is told as gone: a join may have shown them', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.tick(0, true)
  presence.join(1, bob)
  expect(presence.users().users).toEqual([ann, bob])
  presence.leave(1, 'bob', 50, true)
  expect(presence.tick(100, true)).toEqual({ kind: 'diff', joined: [], left: ['bob'] })
})
