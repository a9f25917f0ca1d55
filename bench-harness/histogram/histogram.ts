/*
 * A log-linear recorder: each power of two is cut into 128 buckets of equal width, so that a value is known to within 0.8 %. It holds
 * whole microseconds. Adding two recorders bucket by bucket gives exactly what one recorder would have held.
 */

/** log2 of the buckets to an octave. */
const subBits = 7
const subBuckets = 1 << subBits
/** 2^36 us are 19 hours. */
const octaves = 36 - subBits
const bucketCount = subBuckets * (octaves + 1)

export interface Histogram {
  /** Records a time in milliseconds; one below 0 counts as 0, and is kept as 0. */
  record(ms: number): void
  /** Records waits that had not ended when recording did: the true times are `ms` or more. */
  recordOpen(ms: number, times?: number): void
  /** Adds what another holds, or what one encoded. */
  add(other: EncodedHistogram): void
  encode(): EncodedHistogram
  /** Empties it. */
  reset(): void
}

/** `buckets` are pairs of a bucket's index and its count, flat, in order of index. */
export interface EncodedHistogram {
  readonly n: number
  /** Largest value, exact, in milliseconds. */
  readonly max: number
  readonly buckets: readonly number[]
  /**
   * Those of the `n` that are lower bounds, since the wait had not ended, and the least of them.
   * Absent: none.
   */
  readonly open?: OpenWaits
}

export interface OpenWaits {
  readonly n: number
  /** In milliseconds. */
  readonly min: number
}

export const emptyEncoded: EncodedHistogram = { n: 0, max: 0, buckets: [] }

export function createHistogram(): Histogram {
  const counts = new Float64Array(bucketCount)
  let n = 0
  let max = 0
  let open: OpenWaits | undefined
  const record = (ms: number, times: number): void => {
    const us = ms > 0 ? Math.round(ms * 1_000) : 0
    counts[bucketOf(us)] = (counts[bucketOf(us)] ?? 0) + times
    n += times
    if (ms > max) max = ms
  }
  return {
    record: (ms) => record(ms, 1),
    recordOpen(ms, times = 1) {
      record(ms, times)
      open = addOpen(open, { n: times, min: Math.max(0, ms) })
    },
    add(other) {
      for (let at = 0; at < other.buckets.length; at += 2) {
        const index = other.buckets[at] ?? 0
        counts[index] = (counts[index] ?? 0) + (other.buckets[at + 1] ?? 0)
      }
      n += other.n
      if (other.max > max) max = other.max
      open = addOpen(open, other.open)
    },
    encode() {
      const buckets: number[] = []
      if (n > 0)
        counts.forEach((count, index) => {
          if (count > 0) buckets.push(index, count)
        })
      return { n, max, buckets, ...(open === undefined ? {} : { open }) }
    },
    reset() {
      if (n > 0) counts.fill(0)
      n = 0
      max = 0
      open = undefined
    },
  }
}

function addOpen(a: OpenWaits | undefined, b: OpenWaits | undefined): OpenWaits | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return { n: a.n + b.n, min: Math.min(a.min, b.min) }
}

/** Merges encoded histograms bucket by bucket. */
export function mergeEncoded(parts: readonly EncodedHistogram[]): EncodedHistogram {
  const merged = createHistogram()
  for (const part of parts) merged.add(part)
  return merged.encode()
}

function bucketOf(us: number): number {
  if (us < subBuckets) return us
  const octave = Math.min(31 - Math.clz32(us >= 2 ** 31 ? 2 ** 31 - 1 : us), 31)
  const exact = us >= 2 ** 31 ? Math.floor(Math.log2(us)) : octave
  const shift = exact - subBits
  const index = (shift + 1) * subBuckets + (Math.floor(us / 2 ** shift) - subBuckets)
  return Math.min(index, bucketCount - 1)
}

/** The bounds of a bucket in milliseconds: values from `from` up to, but not including, `to`. */
export function boundsOf(index: number): { readonly from: number; readonly to: number } {
  if (index < subBuckets) return { from: index / 1_000, to: (index + 1) / 1_000 }
  const shift = Math.floor(index / subBuckets) - 1
  const from = (subBuckets + (index % subBuckets)) * 2 ** shift
  return { from: from / 1_000, to: (from + 2 ** shift) / 1_000 }
}

/**
 * A percentile in milliseconds, or nothing when fewer than ten samples lie above it: then it would say more about chance than about the
 * server. `share` is between 0 and 1.
 */
export function percentileOf(histogram: EncodedHistogram, share: number): number | undefined {
  if (histogram.n * (1 - share) < 10 - 1e-9) return undefined
  return rankOf(histogram, share)
}

/** The smallest bucket bound that a share of the samples does not exceed, however few there are: for watching, not for reporting. */
export function rankOf(histogram: EncodedHistogram, share: number): number {
  const wanted = Math.ceil(histogram.n * share)
  let seen = 0
  for (let at = 0; at < histogram.buckets.length; at += 2) {
    seen += histogram.buckets[at + 1] ?? 0
    if (seen >= wanted) return Math.min(boundsOf(histogram.buckets[at] ?? 0).to, histogram.max)
  }
  return histogram.max
}

/** The figures that are printed of a histogram, by their key. */
export const percentileShares = {
  p50: 0.5,
  p90: 0.9,
  p99: 0.99,
  p999: 0.999,
  p9999: 0.9999,
} as const

export type PercentileName = keyof typeof percentileShares | 'max'

/** What is printed of a histogram; a percentile with fewer than ten samples above it is left out. */
export interface Percentiles {
  readonly n: number
  /**
   * Those of the `n` that are lower bounds: never answered, or not before the run ended. Absent:
   * none.
   */
  readonly unanswered?: number
  /** Figures that may be larger, since a wait that had not ended counts in them. Absent: none. */
  readonly atLeast?: readonly PercentileName[]
  readonly p50?: number
  readonly p90?: number
  readonly p99?: number
  readonly p999?: number
  readonly p9999?: number
  readonly max: number
}

export function percentilesOf(histogram: EncodedHistogram): Percentiles {
  const shown = Object.entries(percentileShares) as [PercentileName, number][]
  const found = shown.flatMap(([key, share]) => {
    const value = percentileOf(histogram, share)
    return value === undefined ? [] : [[key, Math.round(value * 1_000) / 1_000] as const]
  })
  const { n, max, open } = histogram
  const all = [...found, ['max', Math.round(max * 1_000) / 1_000] as const]
  return {
    n,
    ...(open === undefined ? {} : { unanswered: open.n, atLeast: atLeastOf(all, open) }),
    ...Object.fromEntries(all),
  } as Percentiles
}

/** A wait that had not ended can only move a figure that is not below it. */
function atLeastOf(
  all: readonly (readonly [PercentileName, number])[],
  { min }: OpenWaits,
): readonly PercentileName[] {
  return all.filter(([, value]) => value >= Math.round(min * 1_000) / 1_000).map(([name]) => name)
}
