import { describe, expect, test } from 'vitest'
import { RefusalMemory, refusalPauses } from './refusal-memory.ts'

describe('refused senders', () => {
  test('are not asked again before a pause that doubles each time, up to the most', () => {
    const memory = new RefusalMemory()
    const pauses: number[] = []
    let nowMs = 0
    for (let times = 0; times < 10; times += 1) {
      const untilMs = memory.refused('a', 'DOCUMENT_FULL', nowMs)
      pauses.push(untilMs - nowMs)
      nowMs = untilMs
    }
    expect(pauses.slice(0, 3)).toEqual([5_000, 10_000, 20_000])
    expect(pauses.at(-1)).toBe(refusalPauses.mostMs)
  })

  test('start again after a quiet period or an accepted change', () => {
    const memory = new RefusalMemory()
    memory.refused('a', 'DOCUMENT_FULL', 0)
    memory.refused('a', 'DOCUMENT_FULL', 5_000)
    expect(memory.known('a', 34_999)).toMatchObject({ fault: 'DOCUMENT_FULL', untilMs: 15_000 })
    expect(memory.known('a', 35_000)).toBeUndefined()
    memory.refused('b', 'BAD_UPDATE', 0)
    memory.forget('b')
    expect(memory.known('b', 1)).toBeUndefined()
    expect(memory.refused('b', 'BAD_UPDATE', 10)).toBe(5_010)
  })

  test('wait no longer because several of their changes were on their way', () => {
    const memory = new RefusalMemory()
    for (let ms = 0; ms < 10; ms += 1) {
      expect(memory.refused('a', 'UNAVAILABLE', ms)).toBe(5_000)
    }
  })

  test('do not make each other wait, and the oldest is forgotten when there are too many', () => {
    const memory = new RefusalMemory()
    for (let one = 0; one <= 10_000; one += 1) memory.refused(`user ${one}`, 'DOCUMENT_FULL', 0)
    expect(memory.known('user 0', 1)).toBeUndefined()
    expect(memory.known('user 1', 1)).toBeDefined()
    expect(memory.known('somebody else', 1)).toBeUndefined()
  })
})
