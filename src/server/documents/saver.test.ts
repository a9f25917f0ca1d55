import { describe, expect, test } from 'vitest'
import { refuse } from '../../protocol/index.ts'
import type { Appender, Outcome } from '../core/appender.ts'
import { createSaver } from './saver.ts'

const row = (text: string) => ({
  atMs: 1,
  author: { id: 'ann' },
  advanced: new Map([[1, 1]]),
  update: Buffer.from(text),
})

/** A storage that answers when it is told to, as a commit does: all of a turn alike. */
function start() {
  let nowMs = 0
  let offset = 0
  let takes = 100
  const waiting: ((outcome: Outcome) => void)[] = []
  const appender: Appender = {
    append(_item, settle) {
      if (waiting.length >= takes) return false
      waiting.push(settle)
      return true
    },
    pending: 0,
    idle: () => Promise.resolve(),
  }
  const changes: boolean[] = []
  const clock = { now: () => 0, monotonicMs: () => nowMs, every: () => ({ stop: () => undefined }) }
  const changed = (failing: boolean): void => void changes.push(failing)
  const saver = createSaver({ channel: 'doc:a', appender, clock, changed })
  return {
    saver,
    changes,
    take: (most: number): void => {
      takes = most
    },
    underWay: () => waiting.length,
    commit(): void {
      for (const settle of waiting.splice(0)) {
        offset += 1
        settle({ kind: 'appended', offset })
      }
    },
    refuse(): void {
      const refusal = refuse('STORAGE_FULL')
      for (const settle of waiting.splice(0)) settle({ kind: 'refused', refusal })
    },
    wait(ms: number): void {
      nowMs += ms
      saver.tick(nowMs)
    },
  }
}

describe('a saver', () => {
  test('keeps what comes during a commit for the next, so that the order holds', () => {
    const { saver, commit, underWay } = start()
    const saved: string[] = []
    for (const name of ['a', 'b', 'c'])
      saver.save(row(name), (at) => void saved.push(`${name}${at}`))
    expect(underWay()).toBe(1)
    commit()
    expect(saved).toEqual(['a1'])
    expect(underWay()).toBe(2)
    commit()
    expect(saved).toEqual(['a1', 'b2', 'c3'])
    expect(saver.unsaved).toEqual([])
  })

  test('tries again what was refused, later and later, tells nobody, and says when it heals', () => {
    const { saver, commit, refuse: refuseAll, wait, changes, underWay } = start()
    const saved: string[] = []
    saver.save(row('a'), () => void saved.push('a'))
    refuseAll()
    expect([saver.failing, changes]).toEqual([true, [true]])
    saver.save(row('b'), () => void saved.push('b'))
    expect(underWay()).toBe(0)
    wait(100)
    expect(underWay()).toBe(2)
    refuseAll()
    wait(100)
    expect(underWay()).toBe(0)
    wait(100)
    commit()
    expect(saved).toEqual(['a', 'b'])
    expect([saver.failing, changes]).toEqual([false, [true, false]])
  })

  test('keeps the order when the appender takes only a beginning', () => {
    const { saver, commit, wait, take } = start()
    const saved: string[] = []
    saver.save(row('a'), () => void saved.push('a'))
    commit()
    take(1)
    saver.save(row('b'), () => void saved.push('b'))
    saver.save(row('c'), () => void saved.push('c'))
    saver.save(row('d'), () => void saved.push('d'))
    for (let round = 0; round < 6; round += 1) {
      commit()
      wait(10_000)
    }
    expect(saved).toEqual(['a', 'b', 'c', 'd'])
  })
})
