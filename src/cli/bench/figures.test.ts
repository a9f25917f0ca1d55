import { expect, test } from 'vitest'
import { emptyLedger } from '../../../bench-harness/ledger/ledger.ts'
import { bytesText, causesOf, clockText, countText, msText, openNow, shareText } from './figures.ts'

test('counts have thousands separators', () => {
  expect(countText(1_234_567)).toBe('1,234,567')
})

test('times have three digits at most, and their unit', () => {
  const times = [0.4, 0.994, 0.996, 8.14, 99.94, 99.96, 917, 999.6, 12_400, 99_960]
  expect(times.map(msText)).toEqual([
    '0.40 ms',
    '0.99 ms',
    '1.0 ms',
    '8.1 ms',
    '99.9 ms',
    '100 ms',
    '917 ms',
    '1.0 s',
    '12.4 s',
    '100 s',
  ])
})

test('sizes are in powers of 1,024, shares in percent, clocks in whole seconds', () => {
  expect([0, 812, 9_424, 357_564_416, -2_048].map(bytesText)).toEqual([
    '0 B',
    '812 B',
    '9.2 KiB',
    '341 MiB',
    '-2.0 KiB',
  ])
  expect(shareText(0.84623)).toBe('84.6 %')
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
