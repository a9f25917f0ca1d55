import { expect, test } from 'vitest'
import { noCounters } from '../control/messages.ts'
import { defaultHealth } from '../plan/plan.ts'
import { planOfToday, resultOfToday, secondOfToday } from './older-versions.ts'

const { unsent: _, unanswered: _1, undelivered: _2, duplicated: _3, ...oldCounters } = noCounters

test('a second of an earlier version gets the current names of counters and reasons', () => {
  const old = {
    t: 7,
    tainted: ['box2 worker 3 was busy'],
    counters: { ...oldCounters, doubled: 2 },
  }
  expect(secondOfToday(old)).toEqual({
    t: 7,
    overloaded: ['box2 worker 3 was busy'],
    noisy: [],
    counters: { ...noCounters, duplicated: 2 },
  })
})

test('a result of an earlier version gets the current form of history, messages and health', () => {
  const old = {
    verdict: 'fail',
    messages: { ...oldCounters, doubled: 1 },
    history: { lost: 0, doubled: 1 },
    health: { seconds: 30, tainted: 2, reasons: ['late'] },
  }
  expect(resultOfToday(old)).toEqual({
    verdict: 'fail',
    messages: { ...noCounters, duplicated: 1 },
    history: { lost: 0, unanswered: 0, duplicated: 1 },
    health: { seconds: 30, overloaded: 2, reasons: ['late'], noisy: 0, noise: [] },
  })
})

test('a plan of an earlier version keeps the bounds that it has, and gets the others', () => {
  const old = { run: 'r', health: { lagMsMax: 5, taintedShareMax: 0.01 } }
  expect(planOfToday(old)).toEqual({
    run: 'r',
    health: { ...defaultHealth, lagMsMax: 5, overloadedShareMax: 0.01 },
  })
})

test('what has the form of today is left as it is, and what has none is left to the schema', () => {
  const second = { t: 1, overloaded: [], noisy: ['busy'], counters: noCounters }
  expect(secondOfToday(second)).toEqual(second)
  for (const value of [null, 7, 'text', [1]])
    expect([planOfToday(value), secondOfToday(value), resultOfToday(value)]).toEqual([
      value,
      value,
      value,
    ])
})
