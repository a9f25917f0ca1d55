import type { Counters, FailureExample, Histograms, HostFacts } from '../control/messages.ts'
import type { Percentiles } from '../histogram/histogram.ts'
import type { Cause, Ledger } from '../ledger/ledger.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'

/*
 * A run as it is kept: a folder with
 *   plan.json          Plan
 *   environment.json   Environment
 *   seconds.ndjson     Second, one a line
 *   events.ndjson      RunEvent, one a line
 *   result.json        Result
 * Everything in result.json can be worked out again from the other files (`rusher bench verify`).
 */

export interface Environment {
  readonly rusher: string
  /** sha256 of the worker's bundle, in hex. */
  readonly bundle: string
  readonly commit?: string
  readonly dirty?: boolean
  readonly startedAt: string
  readonly endedAt?: string
  readonly controller: HostFacts
  readonly hosts: readonly {
    readonly name: string
    readonly workers: number
    readonly facts: HostFacts
    /** Its wall clock less ours, in milliseconds, and how sure that is. */
    readonly clockOffMs: number
    readonly clockErrorMs: number
    readonly roundTripMs: number
  }[]
  /** What was found out about the server before the run. */
  readonly server: Readonly<Record<string, string | number>>
}

/** One second of a run. Ledger, counters and histograms are the sum over all workers. */
export interface Second {
  /** Whole seconds since the run began. */
  readonly t: number
  readonly phase: PhaseName
  /** Connections that the plan wants at this moment. */
  readonly planned: number
  readonly ledger: Ledger
  /**
   * Sessions that were held as the load ended, told then by each worker: ready, and heard from
   * after it.
   */
  readonly held?: number
  /** Connections of the probes, which are in no ledger but in what the server and its kernel count. */
  readonly probes?: number
  readonly counters: Counters
  readonly histograms: Histograms
  readonly hosts: readonly HostSecond[]
  readonly server?: ServerSecond
  /** Why the load generator could not keep its schedule in this second; empty when it did. */
  readonly overloaded: readonly string[]
  /**
   * Why latencies of this second may be those of other work on the clients' machines; empty when
   * nothing disturbed them.
   */
  readonly noisy: readonly string[]
}

export interface HostSecond {
  readonly name: string
  readonly workers: number
  readonly ready: number
  readonly failed: number
  readonly sent: number
  readonly loopUse: number
  readonly lagP99Ms: number
  readonly cpu: number
  readonly rssBytes: number
  /** What the workers have resident, each shared page divided among those that have it; as each told last. */
  readonly pssBytes?: number
  /** Signs of life that the server asked for in this second and was given. */
  readonly signs?: number
  readonly portsLeft?: number
  readonly descriptorsLeft: number
  /** Seconds since its workers were last heard; 0 when all is well. */
  readonly staleS: number
}

/** What the server's side shows; what could not be had is absent. */
export interface ServerSecond {
  /** Sessions by its own count. */
  readonly sessions?: number
  /** Established sockets on its port, by the kernel's count. */
  readonly kernel?: number
  /** Processors that all its processes had. */
  readonly cpu?: number
  /** Share of one processor that its busiest thread had: what bounds a server whose work is in one thread. */
  readonly busiestThread?: number
  readonly rssBytes?: number
  readonly descriptors?: number
  /** Of the process that has the fewest left. */
  readonly descriptorsLeft?: number
  readonly loopDelayP99Ms?: number
  readonly tcpMemoryBytes?: number
  readonly slabBytes?: number
  /** What all its processes have resident, each shared page divided among those that have it; looked at now and then. */
  readonly pssBytes?: number
  /** Slab, page tables, kernel stacks and TCP's buffers of its whole machine. */
  readonly kernelBytes?: number
  /** Growth since the run began of counters that tell of trouble: ListenOverflows and its kin, by their kernel names, and what a Rusher refused. */
  readonly counters?: Readonly<Record<string, number>>
  readonly databaseBytes?: number
}

export interface RunEvent {
  /** Milliseconds since the run began. */
  readonly ms: number
  readonly kind: 'phase' | 'fault' | 'note' | 'server'
  readonly text: string
}

export type Verdict = 'pass' | 'fail' | 'invalid'

/** The last line that `--json` prints, and `result.json`. */
export interface Result {
  readonly v: 1
  readonly event: 'result'
  readonly verdict: Verdict
  readonly exitCode: number
  /** Why it is not a pass, or what passed. */
  readonly reasons: readonly string[]
  readonly run: string
  readonly scenario: string
  readonly target: string
  readonly ledger: {
    readonly scheduled: number
    readonly tcp: number
    readonly ws: number
    readonly ready: number
    readonly closed: number
    readonly failed: Readonly<Partial<Record<Cause, number>>>
    /** Of the failed ones, those that had been ready. */
    readonly lost?: number
    /** False when the books did not balance at some moment: then nothing here can be trusted. */
    readonly balanced: boolean
  }
  /** Most that were ready at once and confirmed alive, and what others counted then. */
  readonly peak: {
    readonly ready: number
    readonly alive: number
    /** Of them, those that were still there, or on their way back, when `measure` ended; absent when nothing was measured. */
    readonly held?: number
    readonly server?: number
    readonly kernel?: number
    /** Of the probes, which server and kernel count too. */
    readonly probes?: number
  }
  /** As Tsung counts: users who had begun and not ended, and sockets that were open, at their most. */
  readonly tsung: { readonly users: number; readonly connected: number }
  /** Of the phase `measure`; `tcp`, `upgrade` and `ready` of the whole run. */
  readonly latency: Readonly<Partial<Record<keyof Histograms, Percentiles>>>
  readonly messages: Counters
  /** Messages a second in `measure`. */
  readonly rates: { readonly sent: number; readonly delivered: number }
  readonly history: HistoryVerdict
  readonly health: {
    readonly seconds: number
    /** Measured seconds in which the load generator was overloaded, and why. */
    readonly overloaded: number
    readonly reasons: readonly string[]
    /** Measured seconds in which other work was in the way, and what it was. */
    readonly noisy: number
    readonly noise: readonly string[]
  }
  readonly slo: readonly {
    readonly text: string
    readonly value?: number
    readonly met: boolean
  }[]
  /** The bottleneck: which resource, on which side, and what proves it. */
  readonly limiter?: Limiter
  readonly server?: {
    readonly cpuMean?: number
    readonly rssBytes?: number
    /** Growth of its memory, and the kernel's, by one ready connection. */
    readonly bytesPerConnection?: number
  }
  /** What the held sessions took on the server's side. */
  readonly memory?: SessionMemory
  readonly search?: SearchResult
  readonly examples: readonly FailureExample[]
  /** The folder. */
  readonly bundle?: string
}

/**
 * Memory at one moment late in the run, against one before the first connection. Processes are weighed by their proportional set size, in which
 * a page that fifty have is counted once.
 */
export interface SessionMemory {
  /** Sessions that were ready then. */
  readonly ready: number
  /** All of the server's processes, and what they had before the first connection. */
  readonly serverBytes: number
  readonly emptyServerBytes: number
  /** By how much the kernel's memory of the server's machine has grown. */
  readonly kernelBytes: number
  /** The server's part of it: a half where the clients are on the same machine, since each has one end of every connection. */
  readonly kernelShare: 0.5 | 1
  /** The workers of all hosts. */
  readonly workersBytes?: number
  /** All of the server's memory and its part of the kernel's, by the sessions. */
  readonly bytesPerSession: number
  /** The same less the empty server. */
  readonly moreBytesPerSession: number
}

export interface HistoryVerdict {
  /** How far it was looked at: `full`: log, publishes and subscribers against each other; `counters`: what subscribers counted. */
  readonly checked: 'full' | 'counters' | 'nothing published'
  readonly publishes: number
  readonly deliveries: number
  readonly lost: number
  /** Sent, and not answered when the run ended or their connection was lost. */
  readonly unanswered: number
  readonly duplicated: number
  readonly gaps: number
  readonly disordered: number
  /** The first faults in words. */
  readonly faults: readonly string[]
}

export interface Limiter {
  readonly resource: string
  readonly side: 'server' | 'clients' | 'network' | 'unknown'
  readonly proof: string
}

/** What `--find-max` found. */
export interface SearchResult {
  /** Held; 0 when not even the first level did. */
  readonly pass: number
  /** Did not hold; absent when nothing failed up to what was asked for. */
  readonly fail?: number
  /** True when the clients, not the server, were the bottleneck: then `pass` is a lower bound. */
  readonly clientLimited: boolean
  readonly reason: string
  /** Whether a cold start straight to `pass` held too. */
  readonly confirmed: boolean
  readonly levels: readonly {
    readonly connections: number
    readonly held: boolean
    readonly why: string
  }[]
}

export interface RunBundle {
  readonly plan: Plan
  readonly environment: Environment
  readonly seconds: readonly Second[]
  readonly events: readonly RunEvent[]
  readonly result: Result
}
