import { expect, test } from 'vitest'
import {
  decodeRow,
  decodeSnapshot,
  decodeWindow,
  encodeRow,
  encodeSnapshot,
  encodeStateVector,
  encodeWindow,
} from './document-record.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

test('what is stored of a document comes back as it was', () => {
  const row = {
    atMs: 1_795_000_000_000,
    author: { id: 'ann', name: 'Änn' },
    advanced: new Map([[4_294_967_295, 300]]),
    update: bytes(0, 255, 7),
  }
  expect(decodeRow(encodeRow(row))).toEqual(row)
  const nameless = { ...row, author: { id: '' }, update: bytes() }
  expect(decodeRow(encodeRow(nameless))).toEqual(nameless)
  const snapshot = {
    owners: new Map([[7, 'ann']]),
    stateVector: new Map([[7, 12]]),
    parts: [bytes(1, 2), bytes(), bytes(3)],
  }
  expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot)
  const doubted = { ...snapshot, unconfirmed: new Map([[7, { from: 3, to: 12 }]]) }
  expect(decodeSnapshot(encodeSnapshot(doubted))).toEqual(doubted)
  const run = { userId: 'ann', name: 'Ann', fromMs: 1, toMs: 2, edits: 3, update: bytes(9) }
  const window = { from: 1, to: 4, total: 300, runs: [run, { ...run, userId: '' }] }
  expect(decodeWindow(encodeWindow(window))).toEqual(window)
})

test('a piece of history that an earlier version wrote does not say how long the history is', () => {
  expect(decodeWindow(bytes(1, 1, 4, 0))).toEqual({ from: 1, to: 4, runs: [] })
})

test('a row costs little more than its update', () => {
  const row = { atMs: 1_795_000_000_000, author: { id: 'ann' }, advanced: new Map([[4e9, 300]]) }
  expect(encodeRow({ ...row, update: bytes() }).length).toBeLessThan(32)
})

test('what is cut short, or of another format, is corrupt', () => {
  const whole = encodeSnapshot({
    owners: new Map([[7, 'ann']]),
    stateVector: new Map(),
    parts: [bytes(1)],
  })
  expect(() => decodeSnapshot(whole.subarray(0, 5))).toThrow(/truncated/)
  expect(() => decodeSnapshot(bytes(9, 0))).toThrow(/not in a format/)
})

test('a state vector is encoded as Yjs does', () => {
  expect([...encodeStateVector(new Map([[1, 1]]))]).toEqual([1, 1, 1])
})

test('who made an update is kept beside who sent it, in a row and in the history', () => {
  const row = {
    atMs: 5,
    author: { id: 'bob' },
    madeBy: ['', 'ann'],
    advanced: new Map([[2 ** 53 - 1, 4]]),
    update: Uint8Array.of(0, 0),
  }
  expect(decodeRow(encodeRow(row))).toEqual(row)
  const run = { userId: 'bob', fromMs: 1, toMs: 2, edits: 1, update: Uint8Array.of(0, 0) }
  const window = {
    from: 1,
    to: 2,
    total: 9,
    runs: [
      { ...run, madeBy: ['ann'] },
      { ...run, madeBy: [] },
    ],
  }
  expect(decodeWindow(encodeWindow(window))).toEqual(window)
})
