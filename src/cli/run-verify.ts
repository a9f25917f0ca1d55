import { existsSync } from 'node:fs'
import { RusherError } from '../protocol/index.ts'
import { verifySqlite } from '../server/index.ts'
import { type CopyFlags, databaseOf, fileOf } from './copy-flags.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

/** Checks a database and prints what was found. Resolves to the exit code. */
export async function runVerify(where: string | undefined, flags: CopyFlags): Promise<number> {
  const json = flags.json === true
  try {
    const path = where === undefined ? await databaseOf(flags) : fileOf(where)
    if (!existsSync(path)) {
      throw new RusherError(
        'USAGE',
        `there is no database ${path}: name the file, as in rusher verify data/rusher.db`,
      )
    }
    const report = await verifySqlite(path)
    const { channels, events, faults } = report
    if (json)
      process.stdout.write(`${JSON.stringify({ v: 1, event: 'verified', path, ...report })}\n`)
    else {
      for (const { channel, offset, what } of faults) {
        const place = [channel, offset === undefined ? undefined : `offset ${offset}`]
          .filter(Boolean)
          .join(', ')
        process.stdout.write(`fault  ${place === '' ? '' : `${place}: `}${what}\n`)
      }
      const verdict =
        faults.length === 0
          ? 'Every one of them is as it was written.'
          : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}. Stop the server and restore a backup; the file is not changed by this check.`
      process.stdout.write(`${path}: ${channels} channels, ${events} events. ${verdict}\n`)
    }
    return faults.length === 0 ? exitCodes.ok : exitCodes.failure
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return exitCodeOf(error)
  }
}
