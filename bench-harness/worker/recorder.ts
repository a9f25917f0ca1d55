import {
  type Counters,
  type Histograms,
  type LatencyKind,
  noCounters,
} from '../control/messages.ts'
import { createHistogram, type Histogram } from '../histogram/histogram.ts'

/** What a worker has measured since the last time it was taken. */
export interface Recorder {
  record(kind: LatencyKind, ms: number): void
  /** Waits that have not ended, and will not be seen to end: lower bounds. */
  recordOpen(kind: LatencyKind, ms: number, times?: number): void
  count(counter: keyof Counters, more?: number): void
  /** The server was given a sign of life that it had asked for. */
  gaveSign(): void
  take(): {
    readonly histograms: Histograms
    readonly counters: Counters
    readonly signs: number
  }
}

export function createRecorder(): Recorder {
  const histograms = new Map<LatencyKind, Histogram>()
  let signs = 0
  let counters: Record<keyof Counters, number> = { ...noCounters }
  function histogramOf(kind: LatencyKind): Histogram {
    const histogram = histograms.get(kind) ?? createHistogram()
    histograms.set(kind, histogram)
    return histogram
  }
  return {
    record: (kind, ms) => histogramOf(kind).record(ms),
    recordOpen: (kind, ms, times) => histogramOf(kind).recordOpen(ms, times),
    count(counter, more = 1) {
      counters[counter] += more
    },
    gaveSign() {
      signs += 1
    },
    take() {
      const encoded: Partial<Record<LatencyKind, ReturnType<Histogram['encode']>>> = {}
      for (const [kind, histogram] of histograms) {
        const one = histogram.encode()
        histogram.reset()
        if (one.n > 0) encoded[kind] = one
      }
      const taken = { counters, signs }
      counters = { ...noCounters }
      signs = 0
      return { histograms: encoded, ...taken }
    },
  }
}
