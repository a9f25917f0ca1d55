import { defaultHealth, type Plan } from '../../../bench-harness/plan/plan.ts'

/** A few connections that are held. */
export function smallPlan(run: string, url: string, connections: number): Plan {
  return {
    v: 1,
    run,
    seed: 1,
    scenario: { name: 'hold', options: {} },
    target: { urls: [url], dialect: 'plain', own: false },
    connections,
    arrivalsPerSecond: 200,
    arrivals: 'constant',
    durations: { primeMs: 1_000, settleMs: 1_000, measureMs: 1_000 },
    timeouts: { connectMs: 5_000, upgradeMs: 5_000, readyMs: 5_000, keepaliveMs: 30_000 },
    slo: [],
    health: defaultHealth,
  }
}
