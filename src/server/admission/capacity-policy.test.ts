import { describe, expect, test } from 'vitest'
import type { LoadLevel } from '../link/link.ts'
import { loadLevelOf, shouldListen } from './capacity-policy.ts'

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

test('an edge is filling and nearly full when few places are left, and falls back a little later', () => {
  const places = 20_000
  const said = (before: LoadLevel, sessions: number): LoadLevel =>
    loadLevelOf(sessions, places, before)
  const all = (before: LoadLevel, ...sessions: number[]): readonly LoadLevel[] =>
    sessions.map((some) => said(before, some))
  expect(all('room', 15_999, 16_000, 18_999)).toEqual(['room', 'filling', 'filling'])
  expect(all('room', 19_000)).toEqual(['nearly-full'])
  expect(all('filling', 13_999, 14_000, 19_000)).toEqual(['room', 'filling', 'nearly-full'])
  expect(all('nearly-full', 13_999, 18_499, 18_500)).toEqual(['room', 'filling', 'nearly-full'])
})

test('a small edge keeps a larger share of its places for those who come in meanwhile', () => {
  const said = [49, 50, 79, 80].map((sessions) => loadLevelOf(sessions, 100, 'room'))
  expect(said).toEqual(['room', 'filling', 'filling', 'nearly-full'])
})
