import { basename } from 'node:path'
import { readBundle } from '../../../bench-harness/bundle/read-bundle.ts'
import { type Comparison, compareRuns } from '../../../bench-harness/compare/compare-runs.ts'
import { comparisonTable } from '../../../bench-harness/compare/comparison-table.ts'
import {
  type Regression,
  regressionExitCode,
  regressionsOf,
} from '../../../bench-harness/compare/regression.ts'
import type { NamedRun } from '../../../bench-harness/compare/variants.ts'
import { writeComparison } from '../../../bench-harness/compare/write-comparison.ts'
import { createRandom } from '../../../bench-harness/plan/random.ts'
import { RusherError } from '../../protocol/index.ts'
import { benchExitOf, benchExits } from './bench-exits.ts'
import { folderOfRun } from './folder-of-run.ts'
import { type Streams, writeText } from './run-report.ts'

export interface CompareFlags {
  /** Folders or ids, several with commas, each with its variant before it where it has one: `before=r1,r2`. */
  readonly runs: readonly string[]
  /** Where the page goes; otherwise `comparison.html`. */
  readonly out?: string
  readonly json: boolean
  /** Compares what is refused otherwise. */
  readonly anyway: boolean
  /** A share by which a figure may be worse than the first variant's without being a regression. */
  readonly threshold: number
  /** Columns of the terminal. */
  readonly width: number
}

/** The same runs are to give the same intervals each time. */
const seed = 20_181_124

/** Compares runs: a table on the terminal, and a page. Resolves to the exit code: 14 when something became worse. */
export function runCompare(flags: CompareFlags, { out, error }: Streams): number {
  try {
    const runs = named(flags.runs.flatMap(givenRuns))
    const comparison = compareRuns(runs, { random: createRandom(seed), anyway: flags.anyway })
    const regressions = regressionsOf(comparison, flags.threshold)
    const page = flags.out ?? 'comparison.html'
    writeText(page, writeComparison(comparison))
    const exitCode = regressions.length === 0 ? benchExits.pass : regressionExitCode
    out.write(
      flags.json
        ? jsonLine(comparison, regressions, page, exitCode)
        : `${comparisonTable(comparison, flags.width)}${regressions.map(regressionText).join('')}\n${page}\n`,
    )
    return exitCode
  } catch (cause) {
    if (!(cause instanceof RusherError)) throw cause
    error.write(`rusher: ${cause.message}\n`)
    return cause.code === 'COMPARE' ? benchExits.usage : benchExitOf(cause)
  }
}

interface GivenRun {
  readonly folder: string
  readonly label?: string
}

/** Calls each run by the last part of its folder, or by all of it where two folders end alike. */
function named(runs: readonly GivenRun[]): readonly NamedRun[] {
  const folders = new Set(runs.map(({ folder }) => folder))
  const names = new Set(Array.from(folders, (folder) => basename(folder)))
  return runs.map(({ folder, ...label }) => ({
    name: names.size === folders.size ? basename(folder) : folder,
    bundle: readBundle(folder),
    ...label,
  }))
}

/** Reads `label=run,run`, or `run` without a label. */
function givenRuns(word: string): GivenRun[] {
  const at = word.indexOf('=')
  const label = at > 0 ? word.slice(0, at) : undefined
  const named = at > 0 ? word.slice(at + 1) : word
  return named
    .split(',')
    .filter((run) => run !== '')
    .map((run) => ({ folder: folderOfRun(run), ...(label === undefined ? {} : { label }) }))
}

function regressionText({ variant, text }: Regression): string {
  return `✗ regression: ${variant}: ${text}\n`
}

function jsonLine(
  { variants, figures, differences }: Comparison,
  regressions: readonly Regression[],
  page: string,
  exitCode: number,
): string {
  const line = {
    v: 1,
    event: 'comparison',
    exitCode,
    page,
    variants: variants.map(({ name, runs }) => ({ name, runs: runs.map((run) => run.name) })),
    figures: figures.map(({ figure, rows }) => ({
      figure: figure.name,
      better: figure.better,
      rows,
    })),
    differences,
    regressions,
  }
  return `${JSON.stringify(line)}\n`
}
