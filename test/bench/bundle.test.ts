import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RunBundle } from '../../bench-harness/bundle/bundle.ts'
import { readBundle } from '../../bench-harness/bundle/read-bundle.ts'
import { verifyBundle } from '../../bench-harness/bundle/verify-bundle.ts'
import { type BundleWriter, createBundleWriter } from '../../bench-harness/bundle/write-bundle.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { believableRun } from './parts/believable-run.ts'

/** A run that an earlier version kept, in which fields had other names. */
const keptRun = fileURLToPath(new URL('../../docs/benchmarks/runs/three-boxes', import.meta.url))

const run = believableRun({ seed: 1, connections: 300, measureS: 5 })

function write(bundle: RunBundle): { readonly folder: string; readonly writer: BundleWriter } {
  const folder = join(temporaryDirectory(), 'runs', bundle.plan.run)
  const writer = createBundleWriter(folder)
  writer.plan(bundle.plan)
  writer.environment(bundle.environment)
  for (const second of bundle.seconds) writer.second(second)
  for (const event of bundle.events) writer.event(event)
  return { folder, writer }
}

function written(bundle: RunBundle = run): string {
  const { folder, writer } = write(bundle)
  writer.result(bundle.result)
  return folder
}

function changed(folder: string, file: string, change: (text: string) => string): string {
  const path = join(folder, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  return folder
}

describe('a bundle', () => {
  it('is read as it was written', () => {
    expect(readBundle(written())).toEqual(run)
  })

  it('of an earlier version is read, and its figures still follow from its seconds', () => {
    const bundle = readBundle(keptRun)
    expect(bundle.result.history).toMatchObject({ duplicated: 0, unanswered: 0 })
    expect(bundle.seconds[0]).toMatchObject({ noisy: [], counters: { unanswered: 0 } })
    expect(verifyBundle(bundle)).toEqual([])
  })

  it('is not written over', () => {
    const folder = written()
    expect(() => createBundleWriter(folder)).toThrow(/holds a run already/)
  })

  it('of a run that was cut short is read up to its last whole second, and is invalid', () => {
    const { folder } = write(run)
    appendFileSync(join(folder, 'seconds.ndjson'), '{"t":99,"phase":"mea')
    const { seconds, result } = readBundle(folder)
    expect(seconds).toEqual(run.seconds)
    expect(result).toMatchObject({
      verdict: 'invalid',
      exitCode: 130,
      ledger: run.result.ledger,
      latency: run.result.latency,
    })
  })

  it('with a half-written line is refused when the run had come to its end', () => {
    const folder = changed(written(), 'seconds.ndjson', (text) => `${text}{"t":9`)
    const line = run.seconds.length + 1
    expect(() => readBundle(folder)).toThrow(`seconds.ndjson:${line}: not JSON`)
  })

  it('names the file, the line and the field that is wrong', () => {
    const folder = changed(written(), 'seconds.ndjson', (text) =>
      text
        .split('\n')
        .map((line, index) => (index === 2 ? line.replace(/"alive":\d+/, '"alive":"many"') : line))
        .join('\n'),
    )
    expect(() => readBundle(folder)).toThrow(/seconds\.ndjson:3: ledger\.alive: .*Expected number/)
  })

  it('that lacks its plan is called no run, with what to do', () => {
    const folder = written()
    rmSync(join(folder, 'plan.json'))
    expect(() => readBundle(folder)).toThrow(/is no run: it has no plan\.json; name the folder/)
  })

  it('keeps fields that a newer version wrote', () => {
    const folder = changed(written(), 'plan.json', (text) => text.replace('{', '{"later":1,'))
    expect(readBundle(folder).plan).toMatchObject({ later: 1 })
  })
})

describe('verifyBundle', () => {
  it('finds nothing in a run whose result follows from its seconds', () => {
    expect(verifyBundle(readBundle(written()))).toEqual([])
  })

  it('names each figure that was changed, with both values', () => {
    const folder = changed(written(), 'result.json', (text) =>
      text.replace(/"p50": [\d.]+/, '"p50": 1').replace(/"scheduled": \d+/, '"scheduled": 7'),
    )
    expect(verifyBundle(readBundle(folder))).toEqual([
      { figure: 'ledger.scheduled', stated: 7, recomputed: 300 },
      { figure: 'latency.tcp.p50', stated: 1, recomputed: expect.any(Number) },
    ])
  })

  it('names figures that the result leaves out', () => {
    const { server: _, ...result } = run.result
    expect(verifyBundle({ ...run, result }).map(({ figure }) => figure)).toEqual(['server'])
  })
})
