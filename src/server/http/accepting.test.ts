import { describe, expect, test } from 'vitest'
import { shouldListen } from './accepting.ts'

const sessionsMax = 100

describe('an edge that listens', () => {
  const listens = true

  test('goes on while it has room, whoever else listens', () => {
    for (const listeners of [undefined, 1, 5])
      expect(shouldListen({ listens, sessions: 99, sessionsMax, listeners })).toBe(true)
  })

  test('stops when it is full and others listen', () => {
    expect(shouldListen({ listens, sessions: 100, sessionsMax, listeners: 2 })).toBe(false)
  })

  test('goes on though it is full when it is the last, or cannot know', () => {
    expect(shouldListen({ listens, sessions: 100, sessionsMax, listeners: 1 })).toBe(true)
    expect(shouldListen({ listens, sessions: 100, sessionsMax, listeners: undefined })).toBe(true)
  })
})

describe('an edge that has stopped', () => {
  const listens = false

  test('does not listen again for the first place that is free', () => {
    expect(shouldListen({ listens, sessions: 99, sessionsMax, listeners: 1 })).toBe(false)
    expect(shouldListen({ listens, sessions: 98, sessionsMax, listeners: 1 })).toBe(false)
    expect(shouldListen({ listens, sessions: 97, sessionsMax, listeners: 1 })).toBe(true)
  })

  test('listens again, full as it is, when nobody else does', () => {
    expect(shouldListen({ listens, sessions: 100, sessionsMax, listeners: 0 })).toBe(true)
  })
})
