import type { HostFacts } from '../../../bench-harness/control/messages.ts'
import { estimateOf } from '../../../bench-harness/doctor/estimate.ts'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { RusherError } from '../../protocol/index.ts'

/** Connections from which a run on one machine takes minutes and gigabytes. */
const largeConnections = 100_000

export interface ApprovalParts {
  readonly facts: HostFacts
  /** Addresses that will be dialled. */
  readonly urls: readonly string[]
  /** `--yes`. */
  readonly yes: boolean
  /** Asks at the terminal; absent: there is none. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
  readonly say: (text: string) => void
}

/**
 * Says what a large run on this machine needs, and asks before it begins. Without a terminal a run
 * that does not fit goes on, and one that is hopeless is refused; `--yes` starts all of them.
 * @throws {RusherError} `USAGE` when the run is not to begin.
 */
export async function approveSize(
  { connections, arrivalsPerSecond }: Pick<Plan, 'connections' | 'arrivalsPerSecond'>,
  serverIsHere: boolean,
  { facts, urls, yes, ask, say }: ApprovalParts,
): Promise<void> {
  const size = { connections, arrivalsPerSecond, serverIsHere }
  const { fits, max, lines } = estimateOf({ ...size, urls, facts })
  if (fits === 'yes' && connections < largeConnections) return
  say(lines.join('\n'))
  if (yes) return
  const advice = `run it with -n ${max}, from more machines (--clients), or with --yes`
  if (ask === undefined) {
    if (fits !== 'hopeless') return
    throw new RusherError('USAGE', `this machine cannot hold half of that: ${advice}`)
  }
  const question = fits === 'yes' ? 'Begin?' : 'It does not fit. Begin anyway?'
  if (await ask(`${question} [y/N] `)) return
  throw new RusherError('USAGE', fits === 'yes' ? 'not begun' : `not begun: ${advice}`)
}
