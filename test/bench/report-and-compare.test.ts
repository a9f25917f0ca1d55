import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createBundleWriter } from '../../bench-harness/bundle/write-bundle.ts'
import { type CompareFlags, runCompare } from '../../src/cli/bench/run-compare.ts'
import { runReport } from '../../src/cli/bench/run-report.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { type BelievableOptions, believableRun } from './parts/believable-run.ts'

/** Folders with a run in each. */
function runsIn(
  folder: string,
  seeds: readonly number[],
  more: Partial<BelievableOptions> = {},
): string {
  return seeds
    .map((seed) => {
      const path = join(folder, `run-${seed}`)
      const run = believableRun({
        seed,
        connections: 60,
        measureS: 10,
        samples: 1_200,
        failing: 0,
        ...more,
      })
      const writer = createBundleWriter(path)
      writer.plan(run.plan)
      writer.environment(run.environment)
      for (const second of run.seconds) writer.second(second)
      writer.result(run.result)
      return path
    })
    .join(',')
}

function streams() {
  const words = { out: '', error: '' }
  const into = (key: keyof typeof words) =>
    new Writable({
      write(chunk, _, done) {
        words[key] += String(chunk)
        done()
      },
    })
  return { words, streams: { out: into('out'), error: into('error') } }
}

function compare(flags: Partial<CompareFlags> & Pick<CompareFlags, 'runs' | 'out'>) {
  const { words, streams: to } = streams()
  const usual = { json: false, anyway: false, threshold: 0.05, width: 100 }
  return { exitCode: runCompare({ ...usual, ...flags }, to), ...words }
}

describe('rusher bench report', () => {
  it('writes a page and an interval log beside the run, and says where', () => {
    const run = runsIn(temporaryDirectory(), [1])
    const { words, streams: to } = streams()
    expect(runReport({ run, json: true }, to)).toBe(0)
    expect(JSON.parse(words.out)).toMatchObject({
      v: 1,
      event: 'report',
      report: join(run, 'report.html'),
    })
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('<!doctype html>')
    expect(readFileSync(join(run, 'latency.hlog'), 'utf8')).toContain('Tag=delivery,')
  })

  it('ends with 2 and a sentence when there is no such run', () => {
    const { words, streams: to } = streams()
    expect(runReport({ run: 'never', json: false }, to)).toBe(2)
    expect(words.error).toContain('there is no run never')
  })

  it('says where else to write when it cannot', () => {
    const run = runsIn(temporaryDirectory(), [1])
    const { words, streams: to } = streams()
    expect(runReport({ run, out: join(run, 'no/folder/x.html'), json: false }, to)).toBe(1)
    expect(words.error).toContain('name another file with --out')
  })
})

describe('rusher bench compare', () => {
  it('ends with 14 when the second variant is slower, and with 0 when it is not', () => {
    const folder = temporaryDirectory()
    const now = runsIn(folder, [1, 2, 3, 4, 5])
    const slow = runsIn(folder, [11, 12, 13, 14, 15], { slower: 1.3 })
    const same = runsIn(folder, [21, 22, 23, 24, 25])
    const out = join(folder, 'c.html')
    const worse = compare({ runs: [`now=${now}`, `next=${slow}`], out })
    expect(worse.exitCode).toBe(14)
    expect(worse.out).toMatch(/✗ regression: next: delivery, p99 is [\d.]+ % more/)
    expect(worse.out.trimEnd().endsWith(out)).toBe(true)
    expect(readFileSync(out, 'utf8')).toContain('data-variant="next"')
    const equal = compare({ runs: [`now=${now}`, `next=${same}`], out })
    expect(equal.exitCode).toBe(0)
    expect(equal.out).toContain('no difference shown')
  })

  it('gives one line of JSON with every interval', () => {
    const folder = temporaryDirectory()
    const runs = [`a=${runsIn(folder, [1, 2, 3])}`, `b=${runsIn(folder, [4, 5, 6])}`]
    const { out } = compare({ runs, out: join(folder, 'c.html'), json: true })
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    const { figures } = JSON.parse(out)
    expect(figures[0]).toMatchObject({
      figure: 'delivery, p99',
      rows: [{ variant: 'a' }, { variant: 'b', delta: { basis: 'runs', isDirectional: false } }],
    })
  })

  it('ends with 2 and the difference when runs are no comparison', () => {
    const folder = temporaryDirectory()
    const runs = [runsIn(folder, [1]), runsIn(folder, [2], { scenario: 'echo' })]
    const refused = compare({ runs, out: join(folder, 'c.html') })
    expect(refused.exitCode).toBe(2)
    expect(refused.error).toContain('chat: run-1\n  echo: run-2')
    expect(compare({ runs, out: join(folder, 'c.html'), anyway: true }).exitCode).not.toBe(2)
  })

  it('keeps to the width of the terminal', () => {
    const folder = temporaryDirectory()
    const runs = [`a=${runsIn(folder, [1])}`, `b=${runsIn(folder, [2], { kernel: '5.10.0' })}`]
    for (const width of [60, 80, 120]) {
      const { out } = compare({ runs, out: join(folder, 'c.html'), width })
      const lines = out.split('\n').filter((line) => !line.includes(folder))
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width)
    }
  })
})
