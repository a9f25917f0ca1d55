import type { EncodedHistogram } from '../histogram/histogram.ts'
import type { Cause, Ledger } from '../ledger/ledger.ts'
import type { Credentials } from '../plan/credentials.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'

/*
 * What the controller and a host's runner say to each other: one JSON object a line, over the runner's standard input and output. The
 * runner starts the workers, and hands lines on between them and the controller. There is no other way in: no port is opened.
 *
 * Times that end in `At` are milliseconds of the runner's monotonic clock, which its workers share.
 */

/** A kind of latency, each measured from the moment that was intended. */
export const latencyKinds = [
  'tcp',
  'upgrade',
  'ready',
  'echo',
  'ack',
  'delivery',
  'completion',
  'convergence',
  'reconnect',
  'lag',
  'service',
  'probe',
] as const
export type LatencyKind = (typeof latencyKinds)[number]

export type Histograms = Readonly<Partial<Record<LatencyKind, EncodedHistogram>>>

// --- controller to runner ---

export type ToRunner =
  | { readonly type: 'clock'; readonly no: number }
  /** Makes the workers; the first of them runs connections from `firstSession` on. */
  | { readonly type: 'prepare'; readonly plan: Plan; readonly workers: readonly Share[] }
  /** A phase begins at a moment. `prime` and `ramp` open connections; `drain` closes them. */
  | {
      readonly type: 'phase'
      readonly phase: PhaseName
      readonly at: number
      /** Connections that all workers together are to have, for `ramp`. */
      readonly connections?: number
    }
  /** Something the scenario does when it is told, like `storm`. */
  | { readonly type: 'act'; readonly act: string }
  /** Still there. Without one for 10 s load stops, after 20 s the runner ends. */
  | { readonly type: 'beat' }
  | { readonly type: 'end' }

/** A worker's part of a run. */
export interface Share {
  readonly worker: number
  /** Of all workers of the run. */
  readonly workers: number
  readonly turn?: Turn
  /** Connections of the whole run are numbered; this worker holds those whose number modulo `workers` is `worker`. */
  readonly sources: readonly string[]
  /** Ports that it may bind, both ends included; absent: the kernel chooses. */
  readonly ports?: readonly [first: number, last: number]
  readonly connectionsMax?: number
  /** Headers and tokens of its connections; absent: none. */
  readonly credentials?: Credentials
  /** Holds a few connections and does nothing else, to tell the generator's delay from the server's. */
  readonly probe?: true
}

/**
 * When a worker has its turn while connections are opened. Where a host has more workers than processors, only so many of them open theirs
 * at a time: were all at it at once, each would be woken for one connection now and then, and most of the time would go into waking them.
 */
export interface Turn {
  /** Workers of all hosts whose turn is before. */
  readonly before: number
  /** Workers that have the same turn, this one among them. */
  readonly abreast: number
  /** Which of those it is, from 0. */
  readonly place: number
}

// --- runner to controller ---

export type FromRunner =
  | { readonly type: 'hello'; readonly bundle: string; readonly facts: HostFacts }
  /** `wallMs` is the host's wall clock, to say how far off it is. */
  | {
      readonly type: 'clock'
      readonly no: number
      readonly at: number
      readonly wallMs: number
    }
  | { readonly type: 'prepared'; readonly worker: number; readonly pid: number }
  | Tick
  | { readonly type: 'example'; readonly worker: number; readonly example: FailureExample }
  /** A part of what happened to publishes and subscribers, at the end. */
  | { readonly type: 'history'; readonly worker: number; readonly part: HistoryPart }
  /** All of a worker's sessions are closed and its history is told. */
  | {
      readonly type: 'done'
      readonly worker: number
      /** False when more happened than is kept: then the history has parts missing. */
      readonly whole: boolean
      /** What the scenario itself found wrong. */
      readonly faults: readonly string[]
    }
  | { readonly type: 'worker_died'; readonly worker: number; readonly how: string }
  | { readonly type: 'fault'; readonly message: string }

/** Once a second from each worker. Histograms and counters are what was added since the last; the ledger is absolute. */
export interface Tick {
  readonly type: 'tick'
  readonly worker: number
  readonly at: number
  readonly ledger: Ledger
  readonly histograms: Histograms
  readonly counters: Counters
  readonly health: WorkerHealth
  /**
   * With the last tick: sessions that were ready as the load ended and gave a sign of life after
   * it.
   */
  readonly held?: number
}

export interface Counters {
  /**
   * Messages that were due, those that were not sent since no session was ready, and those that
   * were sent.
   */
  readonly due: number
  readonly unsent: number
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  /** Sent, and not answered when the run ended or their connection was lost. */
  readonly unanswered: number
  readonly delivered: number
  /**
   * Deliveries to sessions of the same worker that never came, of messages that were not refused
   * and not unanswered.
   */
  readonly undelivered: number
  /** Faults that can be told at once: out of order, twice, missing in between. */
  readonly disordered: number
  readonly duplicated: number
  readonly missing: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export const noCounters: Counters = {
  due: 0,
  unsent: 0,
  sent: 0,
  acknowledged: 0,
  refused: 0,
  unanswered: 0,
  delivered: 0,
  undelivered: 0,
  disordered: 0,
  duplicated: 0,
  missing: 0,
  bytesIn: 0,
  bytesOut: 0,
}

export interface WorkerHealth {
  /** Share of the second in which the event loop was not idle. */
  readonly loopUse: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  /** Of what was sent in this second: how late it was. */
  readonly lagP99Ms: number
  /** Share of one processor that the process had. */
  readonly cpu: number
  readonly gcMs: number
  readonly rssBytes: number
  /** Resident, with each shared page divided among the processes that have it; looked at now and then, since that costs. */
  readonly pssBytes?: number
  /** Signs of life that the server asked for in this second and was given. */
  readonly signs?: number
  readonly descriptors: number
  readonly descriptorsMax: number
  /** Source ports that are left for the destinations it has; absent when the kernel chooses them. */
  readonly portsLeft?: number
  /** Of the host, the same for all its workers; absent where Linux does not tell. */
  readonly steal?: number
  readonly pressure?: number
}

export interface FailureExample {
  readonly cause: Cause
  /** Milliseconds since 1970 on that host's clock. */
  readonly wallMs: number
  /** `address:port` of our end, where it had one. */
  readonly from?: string
  readonly to: string
  /** What was seen, in the words of the system or the server. */
  readonly raw: string
}

/** What the checker of histories needs; see rusher/testing. Times are of the host's monotonic clock. */
export interface HistoryPart {
  readonly attempts: readonly {
    readonly channel: string
    readonly id: string
    readonly invokedMs: number
    readonly outcome:
      | { readonly kind: 'ok'; readonly offset: number; readonly atMs: number }
      | { readonly kind: 'refused' }
      | { readonly kind: 'unknown' }
  }[]
  readonly subscriptions: readonly {
    readonly name: string
    readonly channel: string
    /** Sessions beside it that were given exactly the same. */
    readonly others?: number
    readonly steps: readonly (
      | { readonly kind: 'start' | 'resume'; readonly after: number }
      | { readonly kind: 'event'; readonly offset: number; readonly id?: string }
      | { readonly kind: 'gap'; readonly from: number; readonly to: number }
    )[]
  }[]
  /** The last offset that each session came to in each of its channels, and whether it was still there at the end. */
  readonly ends: readonly {
    readonly name: string
    readonly channel: string
    readonly others?: number
    readonly last: number
    readonly live: boolean
  }[]
}

/** What a host is, as far as it can hold or hinder connections. Fields that the system does not tell are absent. */
export interface HostFacts {
  readonly hostname: string
  readonly system: string
  readonly kernel: string
  readonly arch: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly freeBytes: number
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
  readonly descriptorsMax: number
  /** By the name of their file in /proc/sys with dots: `net.ipv4.ip_local_port_range`. */
  readonly sysctls: Readonly<Record<string, string>>
  readonly addresses: readonly string[]
  /** Those of each network interface. */
  readonly interfaces?: Readonly<Record<string, readonly string[]>>
  readonly loadAverage: number
  readonly pressure?: number
  readonly clockSource?: string
  readonly virtualization?: string
  /** Sockets in TIME_WAIT. */
  readonly timeWait?: number
  readonly conntrack?: number
}
