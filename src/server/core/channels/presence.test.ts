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

test('data that a user sets is told beside their name, and once', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.tick(0, true)
  expect(presence.track('ann', { color: 'red' })).toBe(true)
  const withRed = { ...ann, data: { color: 'red' } }
  expect(presence.tick(100, true)).toEqual({ kind: 'diff', joined: [withRed], left: [] })
  expect(presence.users().users).toEqual([withRed])
  expect(presence.track('ann', { color: 'red' })).toBe(false)
  expect(presence.restless).toBe(false)
})

test('data stays over a reload and a new name, and null removes it', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.track('ann', 1)
  presence.tick(0, true)
  presence.leave(1, 'ann', 100, false)
  presence.join(1, { id: 'ann', name: 'Anna' })
  const renamed = { id: 'ann', name: 'Anna', data: 1 }
  expect(presence.tick(200, true)).toEqual({ kind: 'diff', joined: [renamed], left: [] })
  presence.track('ann', null)
  const users = [{ id: 'ann', name: 'Anna' }]
  expect(presence.tick(300, true)).toEqual({ kind: 'diff', joined: users, left: [] })
})

test('data goes with the last session of its user', () => {
  const presence = new Presence(options)
  presence.join(1, ann)
  presence.join(2, ann)
  presence.track('ann', 1)
  presence.leave(1, 'ann', 0, true)
  expect(presence.users().users).toEqual([{ ...ann, data: 1 }])
  presence.leave(2, 'ann', 0, true)
  presence.join(1, ann)
  expect(presence.users().users).toEqual([ann])
})

test('data of a user who is not there is dropped', () => {
  const presence = new Presence(options)
  expect(presence.track('ann', 1)).toBe(false)
  presence.join(1, ann)
  expect(presence.users().users).toEqual([ann])
})

test('above the limit data is kept and not told; under it everybody is named with theirs', () => {
  const presence = new Presence(options)
  for (const id of ['a', 'b', 'c', 'd']) presence.join(1, { id })
  presence.track('a', 1)
  expect(presence.tick(0, true)).toEqual({ kind: 'sample', users: [{ id: 'a' }, { id: 'b' }] })
  presence.track('b', 2)
  expect(presence.tick(5_000, true)).toBeUndefined()
  expect(presence.users().users).toEqual([{ id: 'a' }, { id: 'b' }])
  presence.leave(1, 'd', 6_000, true)
  expect(presence.tick(6_000, true)).toEqual({
    kind: 'sample',
    users: [{ id: 'a', data: 1 }, { id: 'b', data: 2 }, { id: 'c' }],
  })
})
