import { execFileSync } from 'node:child_process'
import type { Environment } from '../../../bench-harness/bundle/bundle.ts'
import { type ClockOffset, clockOffMs } from '../../../bench-harness/controller/clock-offset.ts'
import type { OpenHost } from '../../../bench-harness/controller/fleet.ts'
import type { OpenedHost } from '../../../bench-harness/host/open-hosts.ts'
import { readWorkerBundle } from '../../../bench-harness/host/worker-bundle.ts'
import { hostFactsHere } from '../../../bench-harness/runner/host-facts.ts'
import type { ServerSide } from '../../../bench-harness/server-side/server-side.ts'
import { version } from '../../server/version.ts'

/** What is known at the end and not before. */
export interface RunEnd {
  readonly endedAt: Date
  readonly clockOf: (host: string) => ClockOffset | undefined
  readonly nowMs: number
}

/** Gathers where a run takes place; what is given back makes the environment, before the run and after it. */
export async function describeRun(about: {
  readonly opened: readonly OpenedHost[]
  readonly hosts: readonly OpenHost[]
  readonly serverSide: ServerSide
  readonly startedAt: Date
}): Promise<(end: RunEnd | undefined) => Environment> {
  const controller = hostFactsHere()
  const server = await about.serverSide.facts()
  const source = sourceState()
  return (end) => ({
    rusher: version,
    bundle: readWorkerBundle().sha256,
    ...source,
    startedAt: about.startedAt.toISOString(),
    ...(end === undefined ? {} : { endedAt: end.endedAt.toISOString() }),
    controller,
    server,
    hosts: about.hosts.map(({ name, facts, shares }) => {
      const clock = end?.clockOf(name)
      return {
        name,
        workers: shares.filter(({ probe }) => probe !== true).length,
        facts,
        clockOffMs:
          clock === undefined || end === undefined
            ? 0
            : Math.round(clockOffMs(clock, end.nowMs, end.endedAt.getTime())),
        clockErrorMs: clock?.errorMs ?? 0,
        roundTripMs: clock?.roundTripMs ?? 0,
      }
    }),
  })
}

/** The commit of the program itself, when it runs from a clone. */
function sourceState(): { readonly commit?: string; readonly dirty?: boolean } {
  const cwd = new URL('.', import.meta.url)
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  try {
    const root = git('rev-parse', '--show-toplevel')
    // An installed package lies in somebody else's repository.
    if (root.includes('node_modules') || cwd.pathname.includes('/node_modules/')) return {}
    return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' }
  } catch {
    // No git, or no repository: then there is no commit to name.
    return {}
  }
}
