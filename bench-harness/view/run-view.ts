import type { Result, RunEvent, Second } from '../bundle/bundle.ts'
import type { FailureExample } from '../control/messages.ts'
import type { EncodedHistogram } from '../histogram/histogram.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'

/**
 * A run as it is seen from outside, once a second: all that a screen, a line of text or a line of JSON shows. Plain data; whoever draws it
 * does no arithmetic about the run.
 */
export interface RunView {
  readonly plan: Plan
  /** Before the first phase: `starting`; after the last: `ended`. */
  readonly phase: PhaseName | 'starting' | 'ended'
  readonly elapsedMs: number
  /** Until the phase ends; absent where that is not known. */
  readonly phaseLeftMs?: number
  /** So far: `good`, `failing` an SLO, or `invalid` since the generator is the limit. */
  readonly light: 'good' | 'failing' | 'invalid' | 'waiting'
  readonly lightText: string
  /** The last second; absent before the first. */
  readonly second?: Second
  /** The last ten minutes, the oldest first. */
  readonly seconds: readonly Second[]
  /** The scenario's headline latency: of the last second, and of the phase so far. */
  readonly headline: {
    readonly kind: string
    readonly second: EncodedHistogram
    readonly phase: EncodedHistogram
  }
  readonly examples: readonly FailureExample[]
  readonly events: readonly RunEvent[]
  readonly hosts: readonly HostView[]
  readonly result?: Result
}

export interface HostView {
  readonly name: string
  readonly state: 'connecting' | 'preparing' | 'running' | 'stale' | 'dead' | 'done'
  readonly stateText: string
  readonly workers: number
  readonly ready: number
  readonly failed: number
  readonly sentPerSecond: number
  readonly loopUse: number
  readonly lagP99Ms: number
  readonly cpu: number
  readonly rssBytes: number
  readonly portsLeft?: number
  readonly descriptorsLeft?: number
  readonly staleS: number
  /** Its workers, for whoever looks closer. */
  readonly byWorker: readonly {
    readonly worker: number
    readonly ready: number
    readonly loopUse: number
    readonly lagP99Ms: number
    readonly rssBytes: number
  }[]
}

/** A run that is under way. Drawing is one subscriber among others. */
export interface Run {
  /** Called once a second, and when something changes that should not wait for it. Returns how to stop being called. */
  subscribe(listener: () => void): () => void
  view(): RunView
  /** Ends the phase that is under way. */
  nextPhase(): void
  /** Drains and ends; a second time, ends at once. */
  abort(): void
  readonly ended: Promise<Result>
}
