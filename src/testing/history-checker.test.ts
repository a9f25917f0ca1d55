import { describe, expect, test } from 'vitest'
import {
  type Attempt,
  checkHistory,
  type EventSeen,
  type History,
  type HistoryFaultKind,
  type LogHistory,
  type Subscription,
  type SubscriptionStep,
} from './history-checker.ts'

const channel = 'chat:a'

function logOf(ids: readonly (string | undefined)[], begin = 1): LogHistory {
  return { channel, begin, events: ids.map((id, index) => ({ offset: begin + index, id })) }
}

function ok(id: string, offset: number, [invokedMs, atMs]: readonly [number, number]): Attempt {
  return { channel, id, invokedMs, outcome: { kind: 'ok', offset, atMs } }
}

function ended(id: string, kind: 'refused' | 'unknown', invokedMs = 0): Attempt {
  return { channel, id, invokedMs, outcome: { kind } }
}

function reader(steps: readonly SubscriptionStep[], through?: number): Subscription {
  return { name: 'reader', channel, steps, ...(through === undefined ? {} : { through }) }
}

const start: SubscriptionStep = { kind: 'start', after: 0 }
const given = (offset: number, id?: string): SubscriptionStep => ({ kind: 'event', offset, id })

/** a, b and c, one after the other, in a log of three. */
const good: History = {
  logs: [logOf(['a', 'b', 'c'])],
  attempts: [ok('a', 1, [0, 1]), ok('b', 2, [2, 3]), ok('c', 3, [4, 5])],
  subscriptions: [],
}

function kindsIn(history: Partial<History>): readonly HistoryFaultKind[] {
  return checkHistory({ ...good, ...history }).map(({ kind }) => kind)
}

function kindsFor(...steps: readonly SubscriptionStep[]): readonly HistoryFaultKind[] {
  return kindsIn({ subscriptions: [reader(steps)] })
}

describe('a history without a fault', () => {
  test('gives none', () => {
    const steps = [start, given(1, 'a'), { kind: 'resume', after: 1 } as const, given(2, 'b')]
    expect(kindsIn({ subscriptions: [reader([...steps, given(3, 'c')], 3)] })).toEqual([])
  })

  test('may leave open what became of an unanswered publish', () => {
    expect(kindsIn({ attempts: [...good.attempts, ended('d', 'unknown')] })).toEqual([])
    const logs = [logOf(['a', 'b', 'c', 'd'])]
    expect(kindsIn({ logs, attempts: [...good.attempts, ended('d', 'unknown', 9)] })).toEqual([])
  })

  test('may have an id acknowledged again, later, at its first place', () => {
    expect(kindsIn({ attempts: [...good.attempts, ok('a', 1, [6, 7])] })).toEqual([])
  })

  test('may have one refused at first and kept at the second try', () => {
    expect(kindsIn({ attempts: [ended('a', 'refused'), ...good.attempts] })).toEqual([])
  })

  test('may have a place whose event was erased', () => {
    expect(kindsIn({ logs: [logOf(['a', undefined, 'c'])] })).toEqual([])
  })

  test('may begin late, where the subscriber was told so', () => {
    const logs = [logOf(['c'], 3)]
    const gap = { kind: 'gap', from: 1, to: 2 } as const
    expect(kindsIn({ logs, subscriptions: [reader([start, gap, given(3, 'c')], 3)] })).toEqual([])
  })
})

describe('every kind of fault in a log is found', () => {
  test('an acknowledged publish that is missing', () => {
    expect(kindsIn({ logs: [logOf(['a', 'b'])] })).toEqual(['lost'])
    expect(kindsIn({ logs: [] })).toEqual(['lost'])
  })

  test('one that is at another place than it was acknowledged at', () => {
    expect(kindsIn({ logs: [logOf(['a', 'c', 'b'])] })).toContain('moved')
  })

  test('an id that is there twice', () => {
    expect(kindsIn({ logs: [logOf(['a', 'b', 'c', 'a'])] })).toEqual(['doubled'])
  })

  test('an id that was acknowledged at two places, also when both are trimmed', () => {
    const attempts = [ok('a', 1, [0, 1]), ok('a', 2, [2, 3])]
    expect(kindsIn({ logs: [logOf([], 3)], attempts })).toEqual(['doubled'])
  })

  test('two ids that were acknowledged at one place', () => {
    const attempts = [ok('a', 1, [0, 1]), ok('b', 1, [0, 1])]
    expect(kindsIn({ logs: [logOf([], 3)], attempts })).toEqual(['doubled'])
  })

  test('a hole, an offset twice, and a log that begins too late', () => {
    const without = (...events: readonly EventSeen[]) =>
      kindsIn({ logs: [{ channel, events }], attempts: [] }).filter((kind) => kind !== 'invented')
    expect(without({ offset: 1 }, { offset: 3 })).toEqual(['hole'])
    expect(without({ offset: 1 }, { offset: 1 })).toEqual(['hole'])
    expect(without({ offset: 2 })).toEqual(['hole'])
  })

  test('a refused publish that is there', () => {
    const attempts = [ok('a', 1, [0, 1]), ended('b', 'refused'), ok('c', 3, [4, 5])]
    expect(kindsIn({ attempts })).toEqual(['refused yet present'])
  })

  test('an event that nobody published', () => {
    expect(kindsIn({ logs: [logOf(['a', 'b', 'c', 'x'])] })).toEqual(['invented'])
  })

  test('one acknowledged before another was begun, and behind it', () => {
    const attempts = [ok('b', 2, [0, 1]), ok('a', 1, [2, 3]), ok('c', 3, [4, 5])]
    expect(kindsIn({ attempts })).toEqual(['order'])
    const overlapping = [ok('b', 2, [0, 3]), ok('a', 1, [2, 4]), ok('c', 3, [5, 6])]
    expect(kindsIn({ attempts: overlapping })).toEqual([])
  })

  test('an unanswered publish that came before what was acknowledged earlier', () => {
    const attempts = [ok('b', 2, [0, 1]), ended('a', 'unknown', 2), ok('c', 3, [4, 5])]
    expect(kindsIn({ attempts })).toEqual(['order'])
  })
})

describe('every kind of fault in a delivery is found', () => {
  test('an event left out', () => {
    expect(kindsFor(start, given(1, 'a'), given(3, 'c'))).toEqual(['broken run'])
    expect(kindsFor(start, given(2, 'b'))).toEqual(['broken run'])
  })

  test('an end that was not reached', () => {
    expect(kindsIn({ subscriptions: [reader([start, given(1, 'a')], 3)] })).toEqual(['broken run'])
    expect(kindsIn({ subscriptions: [reader([], 3)] })).toEqual(['broken run'])
  })

  test('a return to another place than where it had come to', () => {
    expect(kindsFor(start, given(1, 'a'), { kind: 'resume', after: 2 }, given(3, 'c'))).toEqual([
      'broken run',
    ])
  })

  test('an event given twice, or out of order', () => {
    expect(kindsFor(start, given(1, 'a'), given(1, 'a'))).toEqual(['delivered twice'])
    expect(kindsFor(start, given(2, 'b'), given(1, 'a'))).toEqual(['broken run', 'delivered twice'])
  })

  test('another event than the log has there', () => {
    expect(kindsFor(start, given(1, 'b'))).toEqual(['wrong event'])
  })

  test('another event than was acknowledged there, when the log has it no more', () => {
    const subscriptions = [reader([start, given(1, 'b')])]
    expect(kindsIn({ logs: [logOf(['c'], 3)], subscriptions })).toEqual(['wrong event'])
  })

  test('a gap over what the log has, over what was seen, or without a range', () => {
    expect(kindsFor(start, { kind: 'gap', from: 1, to: 2 })).toEqual(['false gap'])
    const logs = [logOf(['c'], 3)]
    const told = (...steps: readonly SubscriptionStep[]) =>
      kindsIn({ logs, subscriptions: [reader([start, ...steps])] })
    expect(told(given(1, 'a'), { kind: 'gap', from: 1, to: 2 })).toEqual(['false gap'])
    expect(told({ kind: 'gap', from: 1, to: 0 })).toEqual(['false gap'])
  })
})
