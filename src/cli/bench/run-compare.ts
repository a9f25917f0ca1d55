import { styleText } from 'node:util'
import { readBundle } from '../../../bench-harness/bundle/read-bundle.ts'
import {
  type Compared,
  type Comparison,
  compareRuns,
  isRegression,
} from '../../../bench-harness/compare/compare-runs.ts'
import { RusherError } from '../../protocol/index.ts'
import { benchExitOf, benchExits } from './bench-exits.ts'
import { folderOfRun } from './folder-of-run.ts'

export interface CompareFlags {
  /** Share by which a figure may be worse than the first variant's before it is a regression. */
  readonly regression?: number
  readonly json?: true
}

const regressionDefault = 0.05

/** Compares runs and prints a table. Resolves to the exit code: 14 when something became worse. */
export function runCompare(runs: readonly string[], flags: CompareFlags): number {
  try {
    if (runs.length < 2)
      throw new RusherError('USAGE', 'compare needs two runs or more; five of each are better')
    const compared = compareRuns(runs.map((run) => readBundle(folderOfRun(run))))
    const regression = isRegression(compared, flags.regression ?? regressionDefault)
    if (flags.json === true)
      process.stdout.write(
        `${JSON.stringify({ v: 1, event: 'compared', regression, ...compared })}\n`,
      )
    else process.stdout.write(tableOf(compared))
    return regression ? benchExits.regression : benchExits.pass
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}

function tableOf({ variants, comparisons, warnings }: Compared): string {
  const mark = (text: string, colour: 'yellow' | 'dim'): string =>
    styleText(colour, text, { stream: process.stdout })
  const lines = [
    ...variants.map(({ name, runs }, index) => {
      const count = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`
      return `${index === 0 ? 'base ' : `  ${index}  `} ${name} (${count})`
    }),
    ...(variants.length === 1 ? ['Runs of one thing: every other one beside the rest (A/A).'] : []),
    ...warnings.map((text) => mark(`▲ ${text}`, 'yellow')),
    '',
    mark('figure                     base     other   ratio   95 % interval    noise', 'dim'),
    ...comparisons.map(rowOf),
    '',
    mark('The unit is the run. Ratios are of medians; intervals by bootstrap over runs.', 'dim'),
  ]
  return `${lines.join('\n')}\n`
}

function rowOf(one: Comparison): string {
  const { figure, unit, base, median, ratio, interval, noise, directional, finding, p } = one
  const share = `${(noise * 100).toFixed(0)} %`
  const range = `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`
  const told = directional ? 'one run a side: only a direction' : `${finding} (p ${p.toFixed(3)})`
  return [
    `${figure} ${unit}`.padEnd(24),
    short(base).padStart(7),
    short(median).padStart(9),
    ratio.toFixed(3).padStart(8),
    range.padStart(15),
    share.padStart(9),
    `  ${told}`,
  ].join(' ')
}

function short(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
