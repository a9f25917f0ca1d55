import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { seed2018 } from '../../bench-harness/tsung/seed-2018.ts'
import { writeTsung } from '../../bench-harness/tsung/write-tsung.ts'
import { readPlan } from '../../src/cli/bench/read-plan.ts'
import { runImport } from '../../src/cli/bench/run-import.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

function captured(stream: NodeJS.WriteStream): { readonly text: () => string } {
  const spy = vi.spyOn(stream, 'write').mockImplementation(() => true)
  onTestFinished(() => spy.mockRestore())
  return { text: () => spy.mock.calls.map(([chunk]) => String(chunk)).join('') }
}

function written(text: string): string {
  const file = join(temporaryDirectory(), 'tsung.xml')
  writeFileSync(file, text)
  return file
}

describe('a Tsung configuration that is imported', () => {
  it('becomes a plan that rusher bench reads', () => {
    const errors = captured(process.stderr)
    const file = written(writeTsung(seed2018()))
    const out = `${file}.json`
    expect(runImport(file, { out })).toBe(0)
    const plan = readPlan(out)
    expect(plan.scenario.tsung?.phases).toEqual(seed2018().phases)
    expect(plan.connections).toBe(100_000)
    expect(errors.text()).toContain('100000 connections')
  })

  it('is printed as JSON, with its notes elsewhere', () => {
    const output = captured(process.stdout)
    const errors = captured(process.stderr)
    const file = written(
      writeTsung(seed2018()).replace(
        '<options>',
        '<options><option name="max_retries" value="1"/>',
      ),
    )
    expect(runImport(file, {})).toBe(0)
    expect(JSON.parse(output.text())).toMatchObject({ v: 1, scenario: { name: 'script' } })
    expect(errors.text()).toContain('max_retries')
  })

  it('with a mistake ends with 2 and the line', () => {
    const output = captured(process.stdout)
    const errors = captured(process.stderr)
    const file = written('<tsung>\n<load>\n</tsung>')
    expect(runImport(file, {})).toBe(2)
    expect(errors.text()).toContain(`${file}:3: `)
    expect(output.text()).toBe('')
  })

  it('that is not there ends with 2 and says so', () => {
    const errors = captured(process.stderr)
    expect(runImport(join(temporaryDirectory(), 'none.xml'), {})).toBe(2)
    expect(errors.text()).toContain('cannot be read')
  })

  it('leaves no half of a plan where it cannot be written', () => {
    const errors = captured(process.stderr)
    const file = written(writeTsung(seed2018()))
    expect(runImport(file, { out: join(file, 'plan.json') })).toBe(2)
    expect(errors.text()).toContain('cannot be written')
    expect(readFileSync(file, 'utf8')).toContain('<tsung')
  })
})
