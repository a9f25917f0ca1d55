import { readBundle } from '../../../bench-harness/bundle/read-bundle.ts'
import { verifyBundle } from '../../../bench-harness/bundle/verify-bundle.ts'
import { RusherError } from '../../protocol/index.ts'
import { benchExitOf, benchExits } from './bench-exits.ts'
import { folderOfRun } from './folder-of-run.ts'

/** Works a run's summary out again from its seconds, and prints what differs. Resolves to the exit code. */
export function runVerifyBundle(run: string, json: boolean): number {
  try {
    const folder = folderOfRun(run)
    const bundle = readBundle(folder)
    const discrepancies = verifyBundle(bundle)
    if (json)
      process.stdout.write(
        `${JSON.stringify({ v: 1, event: 'verified', run: folder, discrepancies })}\n`,
      )
    else {
      for (const { figure, stated, recomputed } of discrepancies)
        process.stdout.write(
          `${figure}: the result says ${JSON.stringify(stated)}, its seconds give ${JSON.stringify(recomputed)}\n`,
        )
      const count = bundle.seconds.length
      process.stdout.write(
        discrepancies.length === 0
          ? `${folder}: ${count} seconds. Every figure of the result follows from them.\n`
          : `${folder}: ${discrepancies.length} figures do not follow from its ${count} seconds.\n`,
      )
    }
    return discrepancies.length === 0 ? benchExits.pass : benchExits.internal
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}
