import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { believableRun } from '../../test/bench/parts/believable-run.ts'
import type { RunBundle } from '../bundle/bundle.ts'
import { slopeOf } from './memory-slope.ts'
import { pointsOf } from './percentile-spectrum.ts'
import { thinned } from './thinned.ts'
import { overloadedStretches } from './time-chart.ts'
import { reportBytesMax, writeReport } from './write-report.ts'

const library = { script: 'globalThis.uPlot = class {}', style: '.u{}' }
const small = believableRun({ seed: 1, connections: 300, measureS: 5, overloadedS: 1 })

function change(run: RunBundle, result: Partial<RunBundle['result']>): RunBundle {
  return { ...run, result: { ...run.result, ...result } }
}

describe('writeReport', () => {
  it('writes a page that loads nothing and runs only what it was written with', () => {
    const page = writeReport(small, library)
    const policy = /content="(default-src[^"]*)"/.exec(page)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(page.match(/<script>/g)).toHaveLength(
      policy.match(/script-src[^;]*/)?.[0].match(/sha256/g)?.length ?? 0,
    )
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    expect(page).not.toMatch(/ style="| on\w+="/)
  })

  it('stays below its size with uPlot in it, for a short run and for one of an hour', () => {
    const hour = believableRun({ seed: 2, connections: 2_000, measureS: 3_500, samples: 200 })
    for (const run of [small, hour])
      expect(Buffer.byteLength(writeReport(run))).toBeLessThan(reportBytesMax)
  })

  it('has a table beside every chart', () => {
    const page = writeReport(small, library)
    const figures = page.match(/<figure[\s\S]*?<\/figure>/g) ?? []
    expect(figures.length).toBeGreaterThan(8)
    expect(figures.filter((figure) => !figure.includes('<table'))).toEqual([])
  })

  it('says what other people sent as they sent it, and never as markup', () => {
    const examples = [
      { cause: 'other' as const, wallMs: 0, to: 'x', raw: '</script><script>alert(1)</script>' },
    ]
    const run = change(small, {
      examples,
      ledger: { ...small.result.ledger, failed: { other: 1 } },
    })
    expect(writeReport(run, library)).toContain('&lt;/script&gt;&lt;script&gt;alert(1)')
    expect(writeReport(run, library)).not.toContain('<script>alert')
  })

  it('sets the history beside the rate of delivery', () => {
    const [, words] =
      /a second were delivered: <b>(.*?)<\/b>/.exec(writeReport(small, library)) ?? []
    expect(words).toBe('0 lost, 0 unanswered, 0 duplicated, 0 gaps')
  })

  it('calls a run invalid that its generator spoiled, before it says anything of the server', () => {
    const spoilt = believableRun({ seed: 3, connections: 300, measureS: 20, overloadedS: 5 })
    const [, sentence] = /<h1>(.*)<\/h1>/.exec(writeReport(spoilt, library)) ?? []
    expect(sentence).toMatch(/^The load generator was overloaded/)
  })

  it('keeps every second and histogram for download where there is room', () => {
    const page = writeReport(small, library)
    const data = /data:application\/gzip;base64,([^"]*)/.exec(page)?.[1] ?? ''
    const kept = JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()) as RunBundle
    expect(kept.seconds).toEqual(small.seconds)
  })

  it('can be written of a run that was cut before its first second', () => {
    const nothing = { ...small, seconds: [], events: [] }
    const run = change(nothing, { latency: {}, ledger: { ...small.result.ledger, failed: {} } })
    expect(writeReport(run, library)).toContain('No connection failed.')
  })
})

describe('what a report draws', () => {
  it('ends a percentile curve where fewer than ten samples lie above it', () => {
    const histogram = { n: 1_000, max: 5, buckets: [100, 1_000] }
    const [nines = 0] = pointsOf(histogram).at(-1) ?? []
    expect(nines).toBeLessThanOrEqual(100.001)
    expect(nines).toBeGreaterThan(80)
  })

  it("finds a connection's cost from memory and connections", () => {
    const points = [0, 100, 250, 900].map((ready) => ({ ready, bytes: 5_000 + ready * 72 }))
    expect(slopeOf(points)?.perConnection).toBeCloseTo(72)
    expect(slopeOf(points.slice(0, 2))).toBeUndefined()
  })

  it('joins overloaded seconds that follow one another', () => {
    const seconds = small.seconds.slice(0, 6).map((second, index) => ({
      ...second,
      overloaded: [1, 2, 5].includes(index) ? ['busy'] : [],
    }))
    expect(overloadedStretches(seconds)).toEqual([
      [1, 2],
      [5, 5],
    ])
  })

  it('loses no taint when it thins out seconds', () => {
    const seconds = small.seconds.map((second, index) => ({
      ...second,
      overloaded: index === 3 ? ['busy'] : [],
    }))
    const few = thinned(seconds, 8)
    expect(few.length).toBeLessThanOrEqual(8)
    expect(few.flatMap(({ overloaded }) => overloaded)).toEqual(['busy'])
  })
})
