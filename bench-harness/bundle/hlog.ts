import { deflateSync } from 'node:zlib'
import { latencyKinds } from '../control/messages.ts'
import type { EncodedHistogram } from '../histogram/histogram.ts'
import type { RunBundle } from './bundle.ts'

/*
 * HdrHistogram's interval log, version 1.3, with payloads in its V2 compressed encoding, so that its plotters read our runs. A histogram of
 * two significant digits there has the same 128 buckets to an octave as ours, and numbers them the same way: an index is taken over as it is.
 */

const cookie = 0x1c849313
const compressedCookie = 0x1c849314
const headerBytes = 40
const significantDigits = 2
/** 2^36 us: what ours hold at most. */
const highest = 2n ** 36n - 1n

/**
 * Every kind of latency, second by second, each line with its kind as the tag. Values are in microseconds, and the log's own column of
 * maxima is in milliseconds.
 */
export function hlogOf({ environment, seconds }: RunBundle): string {
  const startS = Date.parse(environment.startedAt) / 1_000
  const head = [
    `#[Rusher ${environment.rusher}; values are in microseconds]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${startS.toFixed(3)} (seconds since epoch), ${environment.startedAt}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
  const lines = seconds.flatMap(({ t, histograms }) =>
    latencyKinds.flatMap((kind) => {
      const histogram = histograms[kind]
      if (histogram === undefined || histogram.n === 0) return []
      const payload = encodeV2(histogram).toString('base64')
      return [`Tag=${kind},${t.toFixed(3)},1.000,${histogram.max.toFixed(3)},${payload}`]
    }),
  )
  return `${[...head, ...lines].join('\n')}\n`
}

/** A histogram in HdrHistogram's V2 compressed encoding. */
export function encodeV2({ buckets }: EncodedHistogram): Buffer {
  const counts = Buffer.from(countsOf(buckets))
  const plain = Buffer.alloc(headerBytes + counts.length)
  plain.writeInt32BE(cookie, 0)
  plain.writeInt32BE(counts.length, 4)
  plain.writeInt32BE(0, 8)
  plain.writeInt32BE(significantDigits, 12)
  plain.writeBigInt64BE(1n, 16)
  plain.writeBigInt64BE(highest, 24)
  plain.writeDoubleBE(1, 32)
  counts.copy(plain, headerBytes)
  const deflated = deflateSync(plain)
  const head = Buffer.alloc(8)
  head.writeInt32BE(compressedCookie, 0)
  head.writeInt32BE(deflated.length, 4)
  return Buffer.concat([head, deflated])
}

/** Counts by index as zigzag numbers; a run of two or more zeros is its length, negated. */
function countsOf(buckets: readonly number[]): number[] {
  const bytes: number[] = []
  let next = 0
  for (let at = 0; at < buckets.length; at += 2) {
    const index = buckets[at] ?? 0
    const zeros = index - next
    if (zeros > 0) pushZigzag(bytes, zeros === 1 ? 0 : -zeros)
    pushZigzag(bytes, buckets[at + 1] ?? 0)
    next = index + 1
  }
  return bytes
}

/** LEB128 of a zigzag number; counts stay far below 2^53, where it takes no ninth byte. */
function pushZigzag(bytes: number[], value: number): void {
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
