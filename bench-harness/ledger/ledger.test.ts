import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addLedgers,
  emptyLedger,
  failuresOf,
  imbalanceOf,
  type Ledger,
  ledgerOfDead,
} from './ledger.ts'

const count = fc.nat({ max: 1_000_000 })
const ledgers: fc.Arbitrary<Ledger> = fc.record({
  scheduled: count,
  reached: fc.record({ socket: count, tcp: count, ws: count, ready: count }),
  now: fc.record({
    waiting: count,
    socket: count,
    tcp: count,
    ws: count,
    ready: count,
    closing: count,
  }),
  alive: count,
  closed: count,
  failed: fc.record(
    { refused: count, http_503: count, closed_1006: count, worker_died: count },
    { requiredKeys: [] },
  ),
  lost: count,
})
const balanced = ledgers.map((ledger) => ({
  ...ledger,
  scheduled: ledger.scheduled - imbalanceOf(ledger),
}))

describe('the books', () => {
  it('are off by as much as the books that they are the sum of', () => {
    fc.assert(
      fc.property(ledgers, ledgers, (a, b) => {
        expect(imbalanceOf(addLedgers(a, b))).toBe(imbalanceOf(a) + imbalanceOf(b))
      }),
    )
  })

  it('are the same whoever is added first, and nothing is added by empty ones', () => {
    fc.assert(
      fc.property(ledgers, ledgers, (a, b) => {
        expect(addLedgers(a, b)).toEqual(addLedgers(b, a))
        expect(addLedgers(a, emptyLedger)).toEqual(a)
      }),
    )
  })

  it('of a dead worker balance: what it had under way has failed by that', () => {
    fc.assert(
      fc.property(balanced, (ledger) => {
        const dead = ledgerOfDead(ledger)
        expect(imbalanceOf(dead)).toBe(0)
        expect(dead.now).toEqual(emptyLedger.now)
        expect(dead.alive).toBe(0)
        expect(failuresOf(dead)).toBe(ledger.scheduled - ledger.closed)
        expect(ledgerOfDead(dead)).toEqual(dead)
      }),
    )
  })

  it('show an attempt that is in no place, and one that is in two', () => {
    expect(imbalanceOf({ ...emptyLedger, scheduled: 3, closed: 2 })).toBe(1)
    expect(imbalanceOf({ ...emptyLedger, scheduled: 1, closed: 1, failed: { tls: 1 } })).toBe(-1)
  })
})
