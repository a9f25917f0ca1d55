import type { LatencyKind } from '../control/messages.ts'
import type { Delivery } from '../dialect/dialect.ts'
import type { DialectName, Plan } from '../plan/plan.ts'
import type { Connection } from '../worker/connection.ts'

/**
 * What the connections of a run do. A scenario is asked in every worker for its part there; a part is synchronous, owns no timer and no
 * socket, and is told when something is due, so that the schedule stays the worker's.
 */
export interface Scenario {
  readonly name: string
  /** One line for the help. */
  readonly says: string
  /** Servers it can be run against, the usual one first. */
  readonly dialects: readonly [DialectName, ...DialectName[]]
  /** Path of targets that are given without one; absent: the dialect's usual. */
  readonly path?: string
  /** The latency that a screen shows first. */
  readonly headline: LatencyKind
  readonly options: Readonly<Record<string, ScenarioOption>>
  /** Messages a second that are due in the whole run. Absent: none. */
  rateOf?(options: Options, connections: number): number
  /** What happens in the middle of `measure`, and who does it. */
  readonly acts?: readonly Act[]
  /** Edge processes that a server needs for it; one that the run starts has so many at least. */
  readonly edgesLeast?: number
  start(worker: ScenarioWorker): ScenarioPart
}

export interface ScenarioOption {
  readonly default: number
  readonly says: string
}

export type Options = Readonly<Record<string, number>>

export interface Act {
  /** When: a share of the phase `measure`, from 0 to 1. */
  readonly at: number
  /** `workers` are told by name; `server` acts are `kill` and `drain`, which end the server and start it again, and `roll`: new edges. */
  readonly by: 'workers' | 'server'
  readonly act: string
}

/** One worker's part of a scenario. */
export interface ScenarioPart {
  /** What a session joins before it is ready. A session is a number in the whole run. */
  channelsOf(session: number): readonly { readonly channel: string; readonly presence?: boolean }[]
  /** True: a session that is lost comes back, goes on where it was, and sends again what was not acknowledged. */
  readonly returns?: boolean
  /** A message is due. */
  send?(intendedMs: number): void
  /** When `due` is to be called next; Infinity: not at all. */
  nextMs?(): number
  /** Something of its own is due. */
  due?(nowMs: number): void
  /** Anything came, before it is looked at: for scenarios that know no dialect. True: nobody else shall see it. */
  heard?(connection: Connection, payload: Buffer): boolean
  /** Once a second, in `measure`. */
  second?(): void
  act?(act: string): void
  ready?(connection: Connection): void
  gone?(connection: Connection): void
  delivered?(connection: Connection, delivery: Delivery): void
  presence?(connection: Connection, channel: string, joined: readonly string[]): void
  /** Called before the sessions are closed; gives what is wrong, in words. */
  finish?(): readonly string[]
}

/** What a scenario can do in a worker. */
export interface ScenarioWorker {
  readonly plan: Plan
  readonly options: Options
  readonly worker: number
  readonly workers: number
  now(): number
  random(): number
  /** Connections that are ready, in no order. */
  readonly ready: readonly Connection[]
  /** One of them by chance. */
  pick(): Connection | undefined
  /** Sends a text that the server answers; its way there and back is recorded as `echo`. */
  echo(connection: Connection, intendedMs: number): void
  /** Publishes. Its acknowledgement, its deliveries to sessions of this worker, and the last of them are recorded. */
  publish(connection: Connection, channel: string, intendedMs: number, body?: Uint8Array): void
  /** Sends a frame as it is. */
  raw(connection: Connection, opcode: number, payload: string): void
  /** Closes it for good. */
  close(connection: Connection): void
  join(connection: Connection, channel: string, presence: boolean): void
  leave(connection: Connection, channel: string): void
  record(kind: LatencyKind, ms: number): void
  /** Closes it, and opens a new one for the same session at that moment. */
  reopen(connection: Connection, intendedMs: number): void
  /** From now on, or no longer, it does not read. */
  slow(connection: Connection, slow: boolean): void
}

/** Typed identity, for scenarios of one's own. */
export function defineScenario(scenario: Scenario): Scenario {
  return scenario
}
