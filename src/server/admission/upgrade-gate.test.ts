import { describe, expect, test } from 'vitest'
import { createUpgradeGate, type EdgeLoad, type UpgradeGate } from './upgrade-gate.ts'

const limits = {
  sessionsMax: 10,
  handshakesMax: 3,
  acceptLateMs: 500,
  upgradesPerSecond: 1_000_000,
  upgradesBurst: 1_000_000,
}
const idle: EdgeLoad = { draining: false, sessions: 0, handshakes: 0 }

function open(random = () => 0.999_999): UpgradeGate {
  return createUpgradeGate(limits, random, 0)
}

/** Asks so many times; gives the last answer. */
function askOften(
  gate: UpgradeGate,
  times: number,
  load: EdgeLoad,
): ReturnType<UpgradeGate['ask']> {
  let last: ReturnType<UpgradeGate['ask']>
  for (let time = 0; time < times; time += 1) last = gate.ask(load)
  return last
}

test('whoever is draining, full, or has its hands full refuses, and says which', () => {
  const gate = open()
  expect(gate.ask(idle)).toBeUndefined()
  expect(gate.ask({ ...idle, sessions: 9, handshakes: 2 })).toBeUndefined()
  expect(gate.ask({ ...idle, draining: true, sessions: 10 })?.reason).toBe('draining')
  expect(gate.ask({ ...idle, sessions: 10, handshakes: 3 })?.reason).toBe('full')
  expect(gate.ask({ ...idle, handshakes: 3 })?.reason).toBe('handshakes')
})

test('a rate is an average with a burst, and refuses what is beyond it', () => {
  const gate = createUpgradeGate({ ...limits, upgradesPerSecond: 20, upgradesBurst: 3 }, () => 0, 0)
  const reasons = (): unknown[] => Array.from({ length: 5 }, () => gate.ask(idle)?.reason)
  expect(reasons()).toEqual([undefined, undefined, undefined, 'rate', 'rate'])
  gate.look(100, { heardMs: 0, handshakeMs: 0 })
  expect(reasons()).toEqual([undefined, undefined, 'rate', 'rate', 'rate'])
  gate.look(60_000, { heardMs: 0, handshakeMs: 0 })
  expect(reasons()).toEqual([undefined, undefined, undefined, 'rate', 'rate'])
})

describe('a long wait', () => {
  test('closes the gate beyond the limit, and opens it again at half of it', () => {
    const gate = open()
    const waits = [500, 501, 499, 251, 250, 251, 500]
    const closed = [false, true, true, true, false, false, false]
    const late = waits.map((heardMs, at) => {
      gate.look(at * 50, { heardMs, handshakeMs: 0 })
      return gate.ask(idle)?.reason
    })
    expect(late).toEqual(closed.map((is) => (is ? 'late' : undefined)))
    const slow = waits.map((handshakeMs, at) => {
      gate.look(1_000 + at * 50, { heardMs: 0, handshakeMs })
      return gate.ask(idle)?.reason
    })
    expect(slow).toEqual(closed.map((is) => (is ? 'handshakes' : undefined)))
  })
})

describe('when to come again', () => {
  test('is spread from 1 to 5 seconds while few are refused', () => {
    const full = { ...idle, sessions: 10 }
    const drawn = [0, 0.25, 0.5, 0.75, 0.999].map((chance) => open(() => chance).ask(full))
    expect(drawn.map((refused) => refused?.retryAfterS)).toEqual([1, 2, 3, 4, 5])
  })

  test('grows with those who are refused for each who is taken, up to 30 seconds', () => {
    const gate = open()
    const full = { ...idle, sessions: 10 }
    askOften(gate, 1_000, idle)
    expect(askOften(gate, 500, full)?.retryAfterS).toBe(5)
    expect(askOften(gate, 500, full)?.retryAfterS).toBe(10)
    expect(askOften(gate, 1_000, full)?.retryAfterS).toBe(20)
    expect(askOften(gate, 5_000, full)?.retryAfterS).toBe(30)
  })

  test('forgets a crowd that is over', () => {
    const gate = open()
    const full = { ...idle, sessions: 10 }
    expect(askOften(gate, 5_000, full)?.retryAfterS).toBe(30)
    for (let nowMs = 50; nowMs <= 60_000; nowMs += 50)
      gate.look(nowMs, { heardMs: 0, handshakeMs: 0 })
    expect(gate.ask(full)?.retryAfterS).toBe(5)
  })
})
