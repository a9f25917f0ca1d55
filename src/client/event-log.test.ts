import { describe, expect, test } from 'vitest'
import type { HistoryReply } from '../protocol/message.ts'
import { EventLog } from './event-log.ts'
import { logged } from './test-parts/stage.ts'

function joinedAt(offset: number, keepEvents = 10): EventLog {
  const log = new EventLog(keepEvents)
  log.join({ position: { epoch: 'e', offset }, recovered: false })
  return log
}

function offsets(log: EventLog): number[] {
  return log.events.map((event) => event.offset)
}

function page(from: number, to: number, begin = 1, epoch = 'e'): HistoryReply {
  const events = []
  for (let offset = from; offset <= to; offset += 1) events.push(logged(offset))
  return { position: { epoch, offset: 100 }, begin, events, more: from > begin }
}

describe('the event log', () => {
  test('the next event is taken, a seen one is skipped, a later one is a hole', () => {
    const log = joinedAt(4)
    expect(log.accept(logged(5))).toBe('accepted')
    expect(log.accept(logged(5))).toBe('duplicate')
    expect(log.accept(logged(3))).toBe('duplicate')
    expect(log.accept(logged(7))).toBe('hole')
    expect(log.position).toEqual({ epoch: 'e', offset: 5 })
    expect(offsets(log)).toEqual([5])
  })

  test('before a first join, every event is a hole', () => {
    expect(new EventLog(10).accept(logged(1))).toBe('hole')
  })

  test('the array of events is the same until an event comes', () => {
    const log = joinedAt(0)
    log.accept(logged(1))
    const before = log.events
    log.accept(logged(1))
    expect(log.events).toBe(before)
    log.accept(logged(2))
    expect(log.events).not.toBe(before)
    expect(before.length).toBe(1)
  })

  test('the oldest event beyond the bound is let go, and can be had again', () => {
    const log = joinedAt(0, 2)
    for (const offset of [1, 2, 3]) log.accept(logged(offset))
    expect(offsets(log)).toEqual([2, 3])
    expect(log.hasOlder).toBe(true)
  })

  test('pages that were asked for are held beyond the bound', () => {
    const log = joinedAt(10, 2)
    log.prepend(page(6, 10))
    expect(offsets(log)).toEqual([6, 7, 8, 9, 10])
    log.accept(logged(11))
    expect(offsets(log)).toEqual([7, 8, 9, 10, 11])
  })

  test('a page joins on without a hole, or not at all', () => {
    const log = joinedAt(10)
    log.accept(logged(11))
    expect(log.prepend(page(7, 9))).toEqual([])
    log.prepend(page(8, 11))
    expect(offsets(log)).toEqual([8, 9, 10, 11])
    expect(log.prepend(page(5, 7, 1, 'other'))).toEqual([])
    expect(offsets(log)).toEqual([8, 9, 10, 11])
  })

  test('a page that reaches the beginning says that there is nothing older', () => {
    const log = joinedAt(10)
    log.prepend(page(6, 10, 6))
    expect(log).toMatchObject({ hasOlder: false, begin: 6 })
  })

  test('it recovers until the announced position is reached', () => {
    const log = joinedAt(4)
    log.join({ position: { epoch: 'e', offset: 6 }, recovered: true })
    expect(log.recovering).toBe(true)
    log.accept(logged(5))
    expect(log.recovering).toBe(true)
    log.accept(logged(6))
    expect(log.recovering).toBe(false)
  })

  test('a trimmed gap is stepped over, and what lay before it is let go', () => {
    const log = joinedAt(4)
    log.accept(logged(5))
    const gap = { from: 6, to: 20, reason: 'trimmed' } as const
    expect(log.join({ position: { epoch: 'e', offset: 22 }, recovered: false, gap })).toEqual(gap)
    expect(log).toMatchObject({ position: { offset: 20 }, begin: 21, hasOlder: false })
    expect(log.accept(logged(21))).toBe('accepted')
    expect(offsets(log)).toEqual([21])
  })

  test('a gap that another session has filled already is none', () => {
    const log = joinedAt(30)
    expect(log.skip({ from: 6, to: 20, reason: 'trimmed' })).toBe(false)
    expect(log.position?.offset).toBe(30)
  })

  test('another epoch is another log: nothing held is kept', () => {
    const log = joinedAt(4)
    log.accept(logged(5))
    const gap = { from: 1, to: 2, reason: 'epoch' } as const
    expect(log.join({ position: { epoch: 'f', offset: 2 }, recovered: false, gap })).toEqual(gap)
    expect(log).toMatchObject({ position: { epoch: 'f', offset: 2 }, events: [] })
  })

  test('a kept position is resumed from', () => {
    const log = new EventLog(10, { epoch: 'e', offset: 3 })
    log.join({ position: { epoch: 'e', offset: 4 }, recovered: true })
    expect(log.recovering).toBe(true)
    expect(log.accept(logged(4))).toBe('accepted')
    expect(log.olderBefore).toBe(4)
  })
})
