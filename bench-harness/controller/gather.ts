import { noiseOf, overloadsOf } from '../bottleneck/generator-health.ts'
import type { HostSecond, Second, ServerSecond } from '../bundle/bundle.ts'
import {
  type Counters,
  type Histograms,
  latencyKinds,
  noCounters,
  type Tick,
} from '../control/messages.ts'
import { type EncodedHistogram, mergeEncoded } from '../histogram/histogram.ts'
import { addLedgers, emptyLedger, failuresOf } from '../ledger/ledger.ts'
import type { HealthBounds, PhaseName } from '../plan/plan.ts'
import type { Fleet, WorkerState } from './fleet.ts'

/** Silence of a worker after which it is called stale, in milliseconds. */
const staleMs = 2_500

/** Adds up what all workers have told since the last time. */
export function gatherSecond(
  fleet: Fleet,
  about: {
    readonly t: number
    readonly phase: PhaseName
    readonly planned: number
    readonly nowMs: number
    readonly bounds: HealthBounds
    readonly server: ServerSecond | undefined
  },
): Second {
  const { t, phase, planned, nowMs, bounds, server } = about
  const loading = fleet.workers.filter(({ share }) => share.probe !== true)
  const probing = fleet.workers.filter(({ share }) => share.probe === true)
  const ticks = loading.flatMap((worker) => worker.ticks)
  const probeTicks = probing.flatMap((worker) => worker.ticks)
  const hosts = fleet.hosts.map(({ name }) =>
    hostSecond(
      fleet,
      loading.filter(({ host }) => host === name),
      name,
      nowMs,
    ),
  )
  const healths = loading.flatMap(({ host, share, ticks: own }) =>
    own.map(({ health }) => ({ host, worker: share.worker, health })),
  )
  const stale = hosts
    .filter(({ staleS }) => staleS > 0)
    .map(({ name, staleS }) => `${name}: not heard for ${staleS} s`)
  for (const worker of fleet.workers) worker.ticks = []
  return {
    t,
    phase,
    planned,
    ledger: loading
      .map((worker) => fleet.ledgerOf(worker) ?? emptyLedger)
      .reduce(addLedgers, emptyLedger),
    ...(probing.length === 0
      ? {}
      : {
          probes: probing.reduce(
            (sum, worker) => sum + (fleet.ledgerOf(worker)?.now.ready ?? 0),
            0,
          ),
        }),
    ...(ticks.some(({ held }) => held !== undefined)
      ? { held: ticks.reduce((sum, { held = 0 }) => sum + held, 0) }
      : {}),
    counters: addCounters(ticks.map(({ counters }) => counters)),
    histograms: mergeHistograms(ticks, probeTicks),
    hosts,
    ...(server === undefined ? {} : { server }),
    overloaded: [...overloadsOf(healths, bounds), ...stale],
    noisy: noiseOf(healths, bounds),
  }
}

function hostSecond(
  fleet: Fleet,
  workers: readonly WorkerState[],
  name: string,
  nowMs: number,
): HostSecond {
  const ledger = workers
    .map((worker) => fleet.ledgerOf(worker) ?? emptyLedger)
    .reduce(addLedgers, emptyLedger)
  const health = workers.flatMap(({ last }) => (last === undefined ? [] : [last.health]))
  const silentMs = Math.max(
    0,
    ...workers.filter(({ state }) => state === 'running').map(({ heardMs }) => nowMs - heardMs),
  )
  const weighed = health.flatMap(({ pssBytes }) => pssBytes ?? [])
  const ports = health.flatMap(({ portsLeft }) => portsLeft ?? [])
  return {
    name,
    workers: workers.length,
    ready: ledger.now.ready,
    failed: failuresOf(ledger),
    sent: workers
      .flatMap(({ ticks }) => ticks)
      .reduce((sum, { counters }) => sum + counters.sent, 0),
    loopUse: Math.max(0, ...health.map(({ loopUse }) => loopUse)),
    lagP99Ms: Math.max(0, ...health.map(({ lagP99Ms }) => lagP99Ms)),
    cpu: health.reduce((sum, { cpu }) => sum + cpu, 0),
    rssBytes: health.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    descriptorsLeft: Math.min(
      ...health.map(({ descriptors, descriptorsMax }) => descriptorsMax - descriptors),
      Number.MAX_SAFE_INTEGER,
    ),
    ...(health.length === 0 || weighed.length < health.length
      ? {}
      : { pssBytes: weighed.reduce((sum, bytes) => sum + bytes, 0) }),
    signs: workers
      .flatMap(({ ticks }) => ticks)
      .reduce((sum, { health: { signs = 0 } }) => sum + signs, 0),
    ...(ports.length === 0 ? {} : { portsLeft: Math.min(...ports) }),
    staleS: silentMs > staleMs ? Math.round(silentMs / 1_000) : 0,
  }
}

function addCounters(parts: readonly Counters[]): Counters {
  const keys = Object.keys(noCounters) as (keyof Counters)[]
  return Object.fromEntries(
    keys.map((key) => [key, parts.reduce((sum, part) => sum + part[key], 0)]),
  ) as unknown as Counters
}

function mergeHistograms(ticks: readonly Tick[], probeTicks: readonly Tick[]): Histograms {
  const merged: [string, EncodedHistogram][] = latencyKinds.flatMap((kind) => {
    const parts =
      kind === 'probe'
        ? probeTicks.flatMap(({ histograms }) => histograms.echo ?? [])
        : ticks.flatMap(({ histograms }) => histograms[kind] ?? [])
    return parts.length === 0 ? [] : [[kind, mergeEncoded(parts)] as [string, EncodedHistogram]]
  })
  return Object.fromEntries(merged)
}
