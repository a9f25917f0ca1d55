import type { Share } from '../control/messages.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Plan } from '../plan/plan.ts'
import type { ScenarioPart } from '../scenario/scenario.ts'
import type { Arrivals } from './arrivals.ts'
import type { Connection } from './connection.ts'
import type { ConnectionList } from './connection-list.ts'
import type { Pool } from './pool.ts'
import type { Recorder } from './recorder.ts'
import type { Traffic } from './traffic.ts'
import type { Witness } from './witness.ts'

/** What a worker's load is made of, as far as it knows nothing of the rest. */
export interface Basis {
  readonly plan: Plan
  readonly share: Share
  readonly now: () => number
  readonly random: () => number
  readonly recorder: Recorder
  readonly witness: Witness
  readonly ready: ConnectionList
  readonly arrivals: Arrivals
  /** Who a session acts for. */
  readonly userOf: (session: number) => string
  /** The token of a session, where it has one. */
  readonly tokenOf: (session: number) => string | undefined
}

/** The parts that call each other. They are handed around as a function, since none can be made before the others. */
export interface Wired {
  readonly pool: Pool
  readonly dialect: Dialect
  readonly part: ScenarioPart
  readonly traffic: Traffic
}

/** Channels of a connection's session. */
export function channelsOf(
  { part }: Pick<Wired, 'part'>,
  { session }: Connection,
): readonly string[] {
  return part.channelsOf(session).map(({ channel }) => channel)
}
