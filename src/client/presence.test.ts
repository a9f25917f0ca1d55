import { describe, expect, test } from 'vitest'
import { foldPresence, nobody } from './presence.ts'

const ada = { id: 'ada' }
const bob = { id: 'bob', name: 'Bob' }
const event = { type: 'presence', channel: 'chat:a' } as const

describe('presence', () => {
  test('who comes is added once, who goes is removed', () => {
    const two = foldPresence(nobody, { ...event, count: 2, joined: [ada, bob, ada] })
    expect(two).toEqual({ count: 2, users: [ada, bob], sampled: false })
    expect(foldPresence(two, { ...event, count: 1, left: ['ada'] }).users).toEqual([bob])
  })

  test('a user who went and came back is here, under the new name', () => {
    const one = foldPresence(nobody, { ...event, count: 1, joined: [bob] })
    const again = { id: 'bob', name: 'Robert' }
    const both = foldPresence(one, { ...event, count: 1, left: ['bob'], joined: [again] })
    expect(both.users).toEqual([again])
  })

  test('a sample replaces what was known, and the count is exact', () => {
    const state = foldPresence(
      { count: 2, users: [ada, bob], sampled: false },
      {
        ...event,
        count: 9000,
        users: [bob],
        sampled: true,
      },
    )
    expect(state).toEqual({ count: 9000, users: [bob], sampled: true })
  })
})
