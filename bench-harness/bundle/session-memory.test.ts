import { describe, expect, test } from 'vitest'
import { noCounters } from '../control/messages.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import { makePlan } from '../plan/make-plan.ts'
import { mostlyIdle } from '../scenario/mostly-idle.ts'
import type { HostSecond, Second, ServerSecond } from './bundle.ts'
import { sessionMemoryOf } from './session-memory.ts'

const kb = 1_024

function planTo(...urls: readonly string[]) {
  const plan = makePlan(mostlyIdle, {}, 'r')
  return { ...plan, target: { ...plan.target, urls } }
}

const here = planTo('ws://127.0.0.1:1/rusher', 'ws://127.0.0.2:1/rusher')

function second(t: number, ready: number, server?: ServerSecond, workersBytes?: number): Second {
  const host: HostSecond = {
    name: 'localhost',
    workers: 1,
    ready,
    failed: 0,
    sent: 0,
    loopUse: 0,
    lagP99Ms: 0,
    cpu: 0,
    rssBytes: 0,
    ...(workersBytes === undefined ? {} : { pssBytes: workersBytes }),
    descriptorsLeft: 1,
    staleS: 0,
  }
  return {
    t,
    phase: 'measure',
    planned: ready,
    ledger: { ...emptyLedger, now: { ...emptyLedger.now, ready } },
    counters: noCounters,
    histograms: {},
    hosts: [host],
    ...(server === undefined ? {} : { server }),
    overloaded: [],
    noisy: [],
  }
}

const empty = second(0, 0, { pssBytes: 50_000 * kb, kernelBytes: 400_000 * kb })

describe('memory of sessions', () => {
  test('where both ends are on one machine, half of what the kernel took is the server’s', () => {
    const full = second(9, 1_000, { pssBytes: 55_000 * kb, kernelBytes: 410_000 * kb }, 7 * kb)
    expect(sessionMemoryOf(here, [empty, full])).toEqual({
      ready: 1_000,
      serverBytes: 55_000 * kb,
      emptyServerBytes: 50_000 * kb,
      kernelBytes: 10_000 * kb,
      kernelShare: 0.5,
      workersBytes: 7 * kb,
      bytesPerSession: 60 * kb,
      moreBytesPerSession: 10 * kb,
    })
  })

  test('on a machine of its own all of it is', () => {
    const full = second(9, 1_000, { pssBytes: 55_000 * kb, kernelBytes: 410_000 * kb })
    const memory = sessionMemoryOf(planTo('ws://10.0.0.1:1/rusher'), [empty, full])
    expect(memory?.kernelShare).toBe(1)
    expect(memory?.moreBytesPerSession).toBe(15 * kb)
    expect(memory?.workersBytes).toBeUndefined()
  })

  test('is told of the last second in which most were ready and the server was weighed', () => {
    const weighed = (t: number, ready: number, pssKb: number) =>
      second(t, ready, { pssBytes: pssKb * kb, kernelBytes: 400_000 * kb })
    const seconds = [empty, weighed(5, 900, 1), weighed(6, 1_000, 2), weighed(7, 1_000, 3)]
    const memory = sessionMemoryOf(here, [...seconds, second(8, 1_000), weighed(9, 0, 4)])
    expect(memory?.serverBytes).toBe(3 * kb)
  })

  test('is not known where nobody was ready, or nothing was weighed', () => {
    expect(sessionMemoryOf(here, [])).toBeUndefined()
    expect(sessionMemoryOf(here, [empty])).toBeUndefined()
    expect(sessionMemoryOf(here, [second(0, 0), second(1, 100)])).toBeUndefined()
  })
})
