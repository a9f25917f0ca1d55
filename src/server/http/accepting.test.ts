import { describe, expect, test } from 'vitest'
import type { Fullness } from '../link/link.ts'
import { fullnessOf, shouldListen } from './accepting.ts'

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

test('an edge is filling and nearly full from shares of its places on, and falls back a little later', () => {
  const said = (before: Fullness, sessions: number): Fullness =>
    fullnessOf(sessions, sessionsMax, before)
  expect([79, 80, 94, 95].map((sessions) => said('room', sessions))).toEqual([
    'room',
    'filling',
    'filling',
    'nearly-full',
  ])
  expect([69, 70, 95].map((sessions) => said('filling', sessions))).toEqual([
    'room',
    'filling',
    'nearly-full',
  ])
  expect([69, 89, 90].map((sessions) => said('nearly-full', sessions))).toEqual([
    'room',
    'filling',
    'nearly-full',
  ])
})
