import { type CleanedHost, cleanHosts } from '../../../bench-harness/host/clean-hosts.ts'
import type { HostEntry } from '../../../bench-harness/hosts/host-entry.ts'
import { readHosts } from '../../../bench-harness/hosts/read-hosts.ts'
import { RusherError } from '../../protocol/index.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'

const thisMachine: HostEntry = { line: 1, name: 'localhost', sources: [], weight: 1 }

export interface CleanFlags {
  /** A hosts.txt, or `-`; absent: this machine. */
  readonly clients?: string
  readonly json?: true
  readonly acceptNewHostKeys?: true
}

/**
 * Removes what killed runs of `rusher bench` left behind: processes that hear no controller any more, their locks and the cached programs. Resolves
 * to the exit code.
 */
export async function runClean(flags: CleanFlags): Promise<number> {
  try {
    const { clients, acceptNewHostKeys = false } = flags
    const entries = clients === undefined ? [thisMachine] : await readHosts(clients, process.stdin)
    const cleaned = await cleanHosts(entries, { acceptNewHostKeys })
    for (const host of cleaned)
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ v: 1, event: 'cleaned', ...host })}\n`
          : `${wordsOf(host)}\n`,
      )
    return cleaned.some(({ failure }) => failure !== undefined) ? exitCodes.failure : exitCodes.ok
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return exitCodeOf(error)
  }
}

function wordsOf({ host, failure, ended, removed, running, elsewhere }: CleanedHost): string {
  if (failure !== undefined) return `${host}: could not be cleaned: ${failure}`
  const left = [
    ...running.map((lock) => `a run goes on (${lock})`),
    ...elsewhere.map((lock) => `of another machine, clean it there (${lock})`),
  ]
  const done = `${ended.length} processes ended, ${removed.length} files removed`
  return [`${host}: ${done}`, ...left].join('; ')
}
