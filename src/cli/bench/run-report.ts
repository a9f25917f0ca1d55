import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBundle } from '../../../bench-harness/bundle/read-bundle.ts'
import { writeReport } from '../../../bench-harness/report/write-report.ts'
import { RusherError } from '../../protocol/index.ts'
import { benchExitOf, benchExits } from './bench-exits.ts'
import { folderOfRun } from './folder-of-run.ts'

/** Writes the report of a run anew, and prints where it is. Resolves to the exit code. */
export function runReport(
  run: string,
  flags: { readonly out?: string; readonly json?: true },
): number {
  try {
    const folder = folderOfRun(run)
    const file = flags.out ?? join(folder, 'report.html')
    writeFileSync(file, writeReport(readBundle(folder)))
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ v: 1, event: 'report', run: folder, file })}\n`
        : `${file}\n`,
    )
    return benchExits.pass
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}
