import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Figure } from './figure.ts'
import { describeMachine } from './machine.ts'
import { type Report, tableOf } from './table.ts'

/** A bench of this repository: figures by name, and the options that it has beside those that all have. */
export interface FiguresProgram {
  readonly usage: string
  readonly measures: Readonly<Record<string, (bench: Bench) => Promise<readonly Figure[]>>>
  /** Options that take a whole number above 0. */
  readonly numbers: readonly string[]
}

/**
 * Measures what the command line names, one after another, and prints the table or JSON. What could not be measured is said there, costs no other
 * figure, and makes the program exit with 1.
 */
export async function runFigures({ usage, measures, numbers }: FiguresProgram): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
      ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' } as const])),
    },
  })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const names = values.only ?? Object.keys(measures)
  const unknown = names.find((name) => measures[name] === undefined)
  if (unknown !== undefined) throw new Error(`there is no figure '${unknown}'\n${usage}`)
  const root = await mkdtemp(join(values.folder, 'rusher-bench-'))
  const bench: Bench = {
    short: values.short,
    profile: values.profile,
    given: givenOf(numbers, values),
    folder: () => mkdtemp(join(root, 'run-')),
    progress: (text) => void process.stderr.write(`${text}\n`),
  }
  try {
    const report = await measureAll(bench, names, measures)
    process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : tableOf(report)}\n`)
    if (report.failed.length > 0) process.exitCode = 1
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function measureAll(
  bench: Bench,
  names: readonly string[],
  measures: FiguresProgram['measures'],
): Promise<Report> {
  const machine = describeMachine()
  const figures: Figure[] = []
  const failed: { name: string; fault: string }[] = []
  for (const name of names) {
    try {
      figures.push(...((await measures[name]?.(bench)) ?? []))
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      bench.progress(`${name} could not be measured: ${fault}`)
      failed.push({ name, fault })
    }
  }
  return { machine, figures, failed }
}

function givenOf(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Record<string, number> {
  const given = names.filter((name) => values[name] !== undefined)
  return Object.fromEntries(
    given.map((name) => {
      const value = Number(values[name])
      if (!Number.isSafeInteger(value) || value < 1)
        throw new Error(`--${name} takes a whole number above 0`)
      return [name, value]
    }),
  )
}
