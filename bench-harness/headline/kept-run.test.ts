import { describe, expect, test } from 'vitest'
import type { Result, RunBundle, Second } from '../bundle/bundle.ts'
import { summarize } from '../bundle/summarize.ts'
import { noCounters } from '../control/messages.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import { makePlan } from '../plan/make-plan.ts'
import { hostFactsHere } from '../runner/host-facts.ts'
import { mostlyIdle } from '../scenario/mostly-idle.ts'
import { memoryChart, readyChart } from './charts.ts'
import { keptRunOf } from './kept-run.ts'
import { headlineTable } from './table.ts'

const mb = 1_024 * 1_024

function second(t: number, phase: Second['phase'], ready: number): Second {
  return {
    t,
    phase,
    planned: 1_000,
    ledger: {
      ...emptyLedger,
      scheduled: ready,
      reached: { socket: ready, tcp: ready, ws: ready, ready },
      now: { ...emptyLedger.now, ready },
    },
    probes: 5,
    counters: { ...noCounters, acknowledged: 1, delivered: phase === 'measure' ? 100 : 0 },
    histograms: {},
    hosts: [
      {
        name: 'localhost',
        workers: 2,
        ready,
        failed: 0,
        sent: 0,
        loopUse: 0,
        lagP99Ms: 0,
        cpu: 0,
        rssBytes: 0,
        pssBytes: 10 * mb,
        signs: 300,
        descriptorsLeft: 1,
        staleS: 0,
      },
    ],
    server: {
      sessions: ready + 5,
      kernel: ready + 5,
      cpu: 0.1,
      pssBytes: 50 * mb + ready * 4_096,
      kernelBytes: 300 * mb + ready * 8_192,
    },
    overloaded: [],
    noisy: [],
  }
}

function bundle(connections: number): RunBundle {
  const made = makePlan(mostlyIdle, { connections }, 'r')
  const plan = { ...made, target: { ...made.target, urls: ['ws://127.0.0.1:1/rusher'] } }
  const seconds = [
    second(0, 'prime', 0),
    ...Array.from({ length: 1_000 }, (_, t) => second(t + 1, 'ramp', (connections * t) / 1_000)),
    second(1_001, 'measure', connections),
    second(1_002, 'measure', connections),
  ]
  const facts = hostFactsHere()
  const result: Result = {
    v: 1,
    event: 'result',
    verdict: 'pass',
    exitCode: 0,
    reasons: [],
    run: 'r',
    scenario: 'mostly-idle',
    target: 'ws://127.0.0.1:1/rusher',
    ...summarize(plan, seconds),
    history: {
      checked: 'full',
      publishes: 7,
      deliveries: 700,
      lost: 0,
      unanswered: 0,
      duplicated: 0,
      gaps: 0,
      disordered: 0,
      faults: [],
    },
    slo: [],
    examples: [],
  }
  const host = { name: 'localhost', workers: 2, facts, clockOffMs: 0, clockErrorMs: 0 }
  const environment = {
    rusher: '0',
    bundle: '',
    startedAt: '2026-01-01T00:00:00.000Z',
    controller: facts,
    hosts: [{ ...host, roundTripMs: 0 }],
    server: { processes: 3 },
  }
  return { plan, environment, seconds, events: [], result }
}

describe('a kept run', () => {
  const run = keptRunOf(bundle(10_000))

  test('has what each side counted, and what a session took', () => {
    expect(run.counts).toMatchObject({ ready: 10_000, server: 10_005, kernel: 10_005, probes: 5 })
    expect(run.memory?.moreBytesPerSession).toBe(8_192)
    expect(run.processes).toEqual({ server: 3, workers: 2 })
  })

  test('says what the server did in a measured second, and its time for each', () => {
    expect(run.steady).toEqual({
      processors: 0.1,
      publishes: 1,
      deliveries: 100,
      signs: 300,
      microsecondsEach: 250,
    })
  })

  test('is small, and still begins and ends where the run did', () => {
    expect(JSON.stringify(run).length).toBeLessThan(16_000)
    expect(run.ready.at(0)).toEqual([0, 0])
    expect(run.ready.at(-1)).toEqual([1_002, 10_000])
  })

  test('is a column of the table, where the probes are taken off', () => {
    const table = headlineTable([run, keptRunOf(bundle(90_000))], run)
    const line = (name: string) => table.split('\n').find((one) => one.includes(name))
    expect(line('as the kernel counts')).toBe(
      '| as the kernel counts, less the probes | 10,000 | 90,000 | 10,000 |',
    )
    expect(line('more than the empty server')).toContain('| 8.0 KB | 8.0 KB | 8.0 KB |')
  })

  test('is drawn into charts that stand alone', () => {
    const charts = [memoryChart([run, keptRunOf(bundle(90_000))], run), readyChart(run)]
    for (const chart of charts) {
      expect(chart).toMatch(/^<svg xmlns=/)
      expect(chart).not.toMatch(/NaN|Infinity|undefined/)
    }
  })
})
