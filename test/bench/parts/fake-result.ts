import type { Result, Second } from '../../../bench-harness/bundle/bundle.ts'
import { type FailureExample, noCounters } from '../../../bench-harness/control/messages.ts'
import { type EncodedHistogram, percentilesOf } from '../../../bench-harness/histogram/histogram.ts'
import type { Ledger } from '../../../bench-harness/ledger/ledger.ts'
import { defaultHealth, type Plan } from '../../../bench-harness/plan/plan.ts'
import { parseSlo } from '../../../bench-harness/plan/slo.ts'

export function fakePlan(connections: number): Plan {
  return {
    v: 1,
    run: '7f3a2c',
    seed: 1,
    scenario: { name: 'echo', options: { rate: 0.1 } },
    target: {
      urls: ['ws://10.1.0.100:9000/v1', 'ws://10.1.0.100:9001/v1'],
      dialect: 'rusher',
      own: false,
    },
    connections,
    arrivalsPerSecond: 2_000,
    arrivals: 'constant',
    durations: { primeMs: 2_000, settleMs: 4_000, measureMs: 30_000 },
    timeouts: { connectMs: 10_000, upgradeMs: 10_000, readyMs: 10_000, keepaliveMs: 15_000 },
    slo: parseSlo('ready>=99.9% p99<50ms loss=0'),
    health: defaultHealth,
  }
}

interface Told {
  readonly connections: number
  readonly aborts: number
  readonly ledger: Ledger
  readonly seconds: readonly Second[]
  readonly examples: readonly FailureExample[]
}

/** What the fake run ends with: two connections lost, so a failed run; interrupted when it was stopped. */
export function fakeResult(told: Told, echo: EncodedHistogram): Result {
  const { ledger, seconds } = told
  const overloaded = seconds.filter((each) => each.overloaded.length > 0).length
  const peak = Math.max(0, ...seconds.map((each) => each.ledger.now.ready))
  const sent = seconds.reduce((sum, each) => sum + each.counters.sent, 0)
  return {
    v: 1,
    event: 'result',
    verdict: told.aborts > 0 ? 'invalid' : 'fail',
    exitCode: told.aborts > 0 ? 130 : 10,
    reasons: [told.aborts > 0 ? 'interrupted' : '2 connections were lost; the threshold is loss=0'],
    run: '7f3a2c',
    scenario: 'echo',
    target: 'ws://10.1.0.100:9000/v1',
    ledger: {
      scheduled: ledger.scheduled,
      tcp: ledger.reached.tcp,
      ws: ledger.reached.ws,
      ready: ledger.reached.ready,
      closed: ledger.closed,
      failed: ledger.failed,
      lost: ledger.lost,
      balanced: true,
    },
    peak: { ready: peak, alive: peak, server: peak + 3, kernel: peak + 3 },
    tsung: { users: told.connections, connected: ledger.reached.tcp },
    latency: { echo: percentilesOf(echo) },
    messages: { ...noCounters, due: sent, sent, acknowledged: sent, delivered: sent },
    rates: { sent: 4_998, delivered: 4_998 },
    history: {
      checked: 'counters',
      publishes: sent,
      deliveries: sent,
      lost: 0,
      unanswered: 0,
      duplicated: 0,
      gaps: 0,
      disordered: 0,
      faults: [],
    },
    health: {
      seconds: seconds.length,
      overloaded,
      reasons: ['box-1, worker 3: loop 96 % busy'],
      noisy: 0,
      noise: [],
    },
    slo: [
      { text: 'ready>=99.9%', value: 0.9995, met: true },
      { text: 'p99<50ms', value: percentilesOf(echo).p99 ?? 0, met: true },
      { text: 'loss=0', value: 2, met: false },
    ],
    limiter: {
      resource: 'accept backlog',
      side: 'server',
      proof: 'ListenOverflows grew by 31 while the ramp went on',
    },
    server: { cpuMean: 0.83, rssBytes: 358_000_000, bytesPerConnection: 9_424 },
    examples: told.examples,
    bundle: '/home/me/runs/2026-10-12-7f3a2c',
  }
}
