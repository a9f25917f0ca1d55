import { describe, expect, test } from 'vitest'
import { laterMs } from '../protocol/close-codes.ts'
import { backoffMaxMs, backoffMinMs, backoffMs } from './backoff.ts'
import {
  type ConnectionInput,
  type ConnectionState,
  firstConnection,
  nextConnection,
  returnSpreadMs,
  steadyMs,
} from './connection.ts'

const fault = { code: '1006', message: 'lost' }
const half = () => 0.5

function lost(
  asks: Extract<ConnectionInput, { kind: 'lost' }>['asks'],
  which: 'live' | 'next' = 'live',
): ConnectionInput {
  return { kind: 'lost', which, asks, error: fault }
}

function online(more: Partial<ConnectionState> = {}): ConnectionState {
  return { ...firstConnection, online: true, onlineAt: 1000, ...more }
}

/** The wait that an input leads to, in milliseconds. */
function waitOf(state: ConnectionState, input: ConnectionInput, now: number, random = half) {
  const { effect } = nextConnection(state, input, { now, random })
  return effect?.kind === 'wait' ? effect.delayMs : undefined
}

describe('backoff', () => {
  test('the delay is the minimum and a random part that doubles up to the maximum', () => {
    const longest = () => 1
    expect([0, 1, 2, 3, 30].map((failures) => backoffMs(failures, longest))).toEqual([
      backoffMinMs + 500,
      backoffMinMs + 1000,
      backoffMinMs + 2000,
      backoffMinMs + 4000,
      backoffMinMs + backoffMaxMs,
    ])
    expect(backoffMs(9, () => 0)).toBe(backoffMinMs)
  })
})

describe('the connection', () => {
  test('a steady session that is lost is returned to within half a second', () => {
    expect(waitOf(online(), lost('return'), 1000 + steadyMs)).toBe(returnSpreadMs / 2)
  })

  test('a server that accepts and drops is not hammered: failures count on', () => {
    let state = firstConnection
    const delays: (number | undefined)[] = []
    for (let round = 0; round < 4; round += 1) {
      state = nextConnection(state, { kind: 'start' }, { now: 0, random: half }).state
      state = nextConnection(state, { kind: 'admitted' }, { now: 0, random: half }).state
      const step = nextConnection(state, lost('return'), { now: 100, random: half })
      delays.push(step.effect?.kind === 'wait' ? step.effect.delayMs : undefined)
      state = step.state
    }
    expect(delays).toEqual([750, 1000, 1500, 2500])
  })

  test('a close that asks for later is not answered before later', () => {
    expect(waitOf(online(), lost('later'), 1000, () => 0)).toBeGreaterThanOrEqual(laterMs)
  })

  test('a hole is resumed at once, and the next time with a delay', () => {
    expect(waitOf(online(), lost('resume'), 1000)).toBe(0)
    expect(waitOf(online({ attempt: 1 }), lost('resume'), 1000)).toBe(750)
  })

  test('a server that says when to come back is not asked before', () => {
    expect(
      waitOf(online(), { ...lost('return'), notBeforeMs: 9000 } as ConnectionInput, 1000),
    ).toBe(9000)
  })

  test('stay away ends it for good, whatever comes after', () => {
    const { state, effect } = nextConnection(online(), lost('stay away'), { now: 0, random: half })
    expect(effect).toEqual({ kind: 'stop' })
    expect(state).toMatchObject({ next: 'never', online: false, error: fault })
    for (const kind of ['start', 'woken', 'hurry', 'admitted'] as const) {
      expect(nextConnection(state, { kind }, { now: 0, random: half })).toEqual({ state })
    }
  })

  test('a draining server has the next session opened while the live one goes on', () => {
    const chance = { now: 5000, random: half }
    const drained = nextConnection(online(), { kind: 'drained', afterMs: 700 }, chance)
    expect(drained).toMatchObject({
      state: { online: true, next: 'waiting' },
      effect: { kind: 'wait', delayMs: 700 },
    })
    const woken = nextConnection(drained.state, { kind: 'woken' }, chance)
    expect(woken).toMatchObject({
      state: { online: true, next: 'opening' },
      effect: { kind: 'open' },
    })
    const gone = nextConnection(woken.state, lost('return'), chance)
    expect(gone).toMatchObject({ state: { online: false, next: 'opening' } })
    expect(gone.effect).toBeUndefined()
  })

  test('a wait can be hurried, and only a wait', () => {
    const chance = { now: 0, random: half }
    const waiting = nextConnection(online(), lost('return'), chance).state
    expect(nextConnection(waiting, { kind: 'hurry' }, chance).effect).toEqual({ kind: 'open' })
    expect(nextConnection(online(), { kind: 'hurry' }, chance).effect).toBeUndefined()
  })
})
