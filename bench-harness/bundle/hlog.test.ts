import { inflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { believableRun } from '../../test/bench/parts/believable-run.ts'
import { encodeV2, hlogOf } from './hlog.ts'

it('encodes what hdr-histogram-js 3.0.1 encodes of the same values', () => {
  // 5 us once, 7 us twice, 344 us four times, of two significant digits.
  const theirs = Buffer.from(
    'HISTFAAAACp4nJNpmSzMwMDAzsDAwMjAwMDEAAEgNv//////w/icTAwsx1k4AIVoBkA=',
    'base64',
  )
  const ours = encodeV2({ n: 7, max: 0.344, buckets: [5, 1, 7, 2, 300, 4] })
  const [expected, found] = [theirs, ours].map((bytes) => inflateSync(bytes.subarray(8)))
  expect(ours.readInt32BE(0)).toBe(theirs.readInt32BE(0))
  expect(ours.readInt32BE(4)).toBe(ours.length - 8)
  const fields = (bytes = Buffer.alloc(0)) => ({
    cookie: bytes.readInt32BE(0),
    length: bytes.readInt32BE(4),
    digits: bytes.readInt32BE(12),
    lowest: bytes.readBigInt64BE(16),
    counts: bytes.subarray(40),
  })
  expect(fields(found)).toEqual(fields(expected))
})

it('writes a line for each kind and second, with the kind as its tag', () => {
  const run = believableRun({ seed: 1, connections: 100, measureS: 2 })
  const lines = hlogOf(run).trimEnd().split('\n')
  const recorded = run.seconds.flatMap(({ histograms }) => Object.keys(histograms))
  expect(lines).toHaveLength(4 + recorded.length)
  expect(lines[4]).toMatch(/^Tag=tcp,0\.000,1\.000,\d+\.\d{3},HISTFAAAA/)
})
