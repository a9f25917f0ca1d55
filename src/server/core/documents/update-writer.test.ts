import { describe, expect, test } from 'vitest'
import { RusherError, refuse } from '../../../protocol/index.ts'
import type { Appender, Outcome } from '../log/appender.ts'
import { createUpdateWriter } from './update-writer.ts'

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
  const saver = createUpdateWriter({ channel: 'doc:a', appender, clock, changed })
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

const never = (): void => expect.unreachable('storage has not failed for good')

describe('a saver', () => {
  test('keeps what comes during a commit for the next, so that the order holds', () => {
    const { saver, commit, underWay } = start()
    const saved: string[] = []
    for (const name of ['a', 'b', 'c'])
      saver.save(row(name), (at) => void saved.push(`${name}${at}`), never)
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
    saver.save(row('a'), () => void saved.push('a'), never)
    refuseAll()
    expect([saver.failing, changes]).toEqual([true, [true]])
    saver.save(row('b'), () => void saved.push('b'), never)
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
    saver.save(row('a'), () => void saved.push('a'), never)
    commit()
    take(1)
    saver.save(row('b'), () => void saved.push('b'), never)
    saver.save(row('c'), () => void saved.push('c'), never)
    saver.save(row('d'), () => void saved.push('d'), never)
    for (let round = 0; round < 6; round += 1) {
      commit()
      wait(10_000)
    }
    expect(saved).toEqual(['a', 'b', 'c', 'd'])
  })

  test('refuses what waits and what comes when storage has failed for good, and tries nothing again', () => {
    const { saver, refuse: refuseAll, wait, underWay } = start()
    const told: string[] = []
    const save = (name: string): void =>
      saver.save(row(name), never, ({ message }) => void told.push(`${name}: ${message}`))
    save('a')
    refuseAll()
    save('b')
    saver.whenFlushed(never, ({ message }) => void told.push(`after: ${message}`))
    saver.fail(new RusherError('STORAGE_UNAVAILABLE', 'the file is gone'))
    expect(told).toEqual(['a', 'b', 'after'].map((name) => `${name}: the file is gone`))
    save('c')
    expect(told.at(-1)).toBe('c: the file is gone')
    wait(10_000)
    expect([underWay(), saver.unsaved, saver.failing]).toEqual([0, [], true])
  })

  test('waits for the outcome of what storage has in hand when it fails for good', () => {
    const { saver, commit, underWay } = start()
    const told: string[] = []
    const save = (name: string): void =>
      saver.save(
        row(name),
        () => void told.push(`${name} saved`),
        () => void told.push(`${name} refused`),
      )
    save('a')
    save('b')
    saver.fail(new RusherError('STORAGE_UNKNOWN', 'the writer ended'))
    expect(told).toEqual([])
    commit()
    expect([told, underWay()]).toEqual([['a saved', 'b refused'], 0])
  })
})
