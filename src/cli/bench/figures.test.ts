import { expect, test } from 'vitest'
import { emptyLedger } from '../../../bench-harness/ledger/ledger.ts'
import { causesOf, clockText, openNow } from './figures.ts'

test('clocks are in whole seconds', () => {
  expect([35_900, 3_723_000].map(clockText)).toEqual(['00:35', '1:02:03'])
})

test('what is ready is also counted at WebSocket and at TCP', () => {
  const now = { waiting: 1, socket: 2, tcp: 4, ws: 8, ready: 16, closing: 32 }
  expect(openNow({ ...emptyLedger, now })).toEqual({ tcp: 60, ws: 56, ready: 16 })
})

test('causes come with the most frequent first, those that never happened not at all', () => {
  expect(causesOf({ failed: { refused: 2, emfile: 0, http_503: 7 } })).toEqual([
    ['http_503', 7],
    ['refused', 2],
  ])
})
