import type { Counters, Histograms, LatencyKind, Tick, WorkerHealth } from '../control/messages.ts'
import { type EncodedHistogram, mergeEncoded } from '../histogram/histogram.ts'

/** Two ticks of one worker as one: what was added is summed, what is absolute is the later one's, and of its health the worse is kept. */
export function addTicks(earlier: Tick, later: Tick): Tick {
  return {
    ...later,
    histograms: addHistograms(earlier.histograms, later.histograms),
    counters: addCounters(earlier.counters, later.counters),
    health: worseOf(earlier.health, later.health),
    ...(earlier.held === undefined ? {} : { held: earlier.held }),
    ...(later.held === undefined ? {} : { held: later.held }),
  }
}

function addHistograms(earlier: Histograms, later: Histograms): Histograms {
  const sum: Partial<Record<LatencyKind, EncodedHistogram>> = { ...earlier }
  for (const [kind, histogram] of Object.entries(later) as [LatencyKind, EncodedHistogram][]) {
    const before = sum[kind]
    sum[kind] = before === undefined ? histogram : mergeEncoded([before, histogram])
  }
  return sum
}

function addCounters(earlier: Counters, later: Counters): Counters {
  const keys = Object.keys(later) as (keyof Counters)[]
  const sums = keys.map((key) => [key, earlier[key] + later[key]])
  return Object.fromEntries(sums) as { [key in keyof Counters]: number }
}

function worseOf(earlier: WorkerHealth, later: WorkerHealth): WorkerHealth {
  const worse = { ...later } as { -readonly [key in keyof WorkerHealth]: WorkerHealth[key] }
  for (const key of [
    'loopUse',
    'loopDelayP99Ms',
    'loopDelayMaxMs',
    'lagP99Ms',
    'cpu',
    'steal',
    'pressure',
  ] as const) {
    const before = earlier[key]
    if (before !== undefined) worse[key] = Math.max(before, later[key] ?? before)
  }
  worse.gcMs = earlier.gcMs + later.gcMs
  if (earlier.signs !== undefined) worse.signs = earlier.signs + (later.signs ?? 0)
  return worse
}
