import type { TsungScript } from '../tsung/script.ts'
import type { SloTerm } from './slo.ts'

/** How a server is spoken to. `plain`: any WebSocket server, of which nothing is known but that it upgrades, and may answer. */
export const dialectNames = ['rusher', 'plain', 'socket.io', 'hocuspocus'] as const
export type DialectName = (typeof dialectNames)[number]

export const phaseNames = ['prime', 'ramp', 'settle', 'measure', 'drain'] as const
export type PhaseName = (typeof phaseNames)[number]

/** Everything that a run is, with all defaults worked out: the same plan on the same machines is the same run. */
export interface Plan {
  readonly v: 1
  readonly run: string
  /** Every random choice follows from it. */
  readonly seed: number
  readonly scenario: ScenarioChoice
  readonly target: Target
  readonly connections: number
  /** Connection attempts a second, over all workers. */
  readonly arrivalsPerSecond: number
  readonly arrivals: 'constant' | 'poisson'
  /** Connections that may be begun and not yet ready, over all workers; those that are due beyond it wait. Absent: any number. */
  readonly underWayMax?: number
  readonly durations: {
    readonly primeMs: number
    readonly settleMs: number
    readonly measureMs: number
  }
  readonly timeouts: {
    readonly connectMs: number
    readonly upgradeMs: number
    readonly readyMs: number
    /** Silence after which a connection is asked for a sign of life; twice that and it is failed. */
    readonly keepaliveMs: number
  }
  readonly slo: readonly SloTerm[]
  readonly health: HealthBounds
}

export interface ScenarioChoice {
  readonly name: string
  readonly options: Readonly<Record<string, number>>
  /** A scenario of the user's own: its source, bundled to one module. */
  readonly source?: string
  /** For the scenario `script`: what a Tsung configuration asks for. */
  readonly tsung?: TsungScript
}

export interface Target {
  /**
   * Where the server listens, as typed: `ws://` or `wss://`, host, port and path; connections are
   * spread over them. Path and query may have the placeholders of `fillPlaceholders`.
   */
  readonly urls: readonly string[]
  /**
   * Addresses by host name, looked up once before the run. A host that is not here is dialled as it
   * is.
   */
  readonly addresses?: Readonly<Record<string, string>>
  /** Accept every certificate of a `wss://` server. */
  readonly insecure?: true
  readonly dialect: DialectName
  /** True when the run started the server itself, on this machine. */
  readonly own: boolean
}

/**
 * Beyond `lagMsMax` the load generator was overloaded in that second: what was due was not sent in
 * its time. Beyond one of the others the second was noisy: the load was the one that was asked for,
 * and its latencies may hold the wait for a processor.
 */
export interface HealthBounds {
  /** How late what was due was sent, 99th percentile: not the load that was asked for. */
  readonly lagMsMax: number
  /** The same: late enough to be seen in latencies. */
  readonly lagNoisyMs: number
  /** Share of time in which a worker's event loop was not idle. */
  readonly loopUseMax: number
  /** Share of processor time that the hypervisor took. */
  readonly stealMax: number
  /** CPU pressure, in percent: `some avg10` of Linux' /proc/pressure/cpu. */
  readonly pressureMax: number
  /**
   * Share of the measured seconds in which the generator may be overloaded before the run says
   * nothing about the server.
   */
  readonly overloadedShareMax: number
}

export const defaultHealth: HealthBounds = {
  lagMsMax: 100,
  lagNoisyMs: 5,
  loopUseMax: 0.85,
  stealMax: 0.03,
  pressureMax: 20,
  overloadedShareMax: 0.1,
}
