import type { Answer } from '../link/link.ts'
import type { Clock } from '../runtime/clock.ts'
import type { EventLoopStall } from '../runtime/event-loop-stall.ts'
import type { Storage } from '../storage/storage.ts'
import { asRusherError } from './log/appender.ts'

type ReadinessAnswer = Extract<Answer, { kind: 'readiness' }>

/**
 * How long a probe result is reused, in milliseconds, so that health checks do not load the disk.
 */
const believedMs = 500
/** Timeout of a storage probe, in milliseconds. Health checks are answered within two seconds. */
const probeMs = 1_000

export interface ReadinessContext {
  readonly storage: Pick<Storage, 'probe'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Resolves after `ms` milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  /** Number of documents that cannot be read or saved. */
  readonly failingDocuments: () => number
  /** Number of engine threads that make no progress. */
  readonly stuckThreads: () => number
  /** Number of edge processes that missed their heartbeats. */
  readonly silentEdges: () => number
  /** The stall detector of the core's event loop. */
  readonly loop: Pick<EventLoopStall, 'check'>
}

/** Checks whether the core is ready and which parts are not. */
export interface Readiness {
  look(draining: boolean): Promise<ReadinessAnswer>
}

export function createReadiness(parts: ReadinessContext): Readiness {
  const { storage, clock } = parts
  let probed:
    | { readonly ms: number; result: string | undefined; readonly done: Promise<void> }
    | undefined

  /** Makes storage write a small record: if that succeeds, a publish would be stored. */
  function probe(nowMs: number): NonNullable<typeof probed> {
    const asked = { ms: nowMs, result: undefined as string | undefined, done: Promise.resolve() }
    const answered = storage.probe().then(
      () => 'ok',
      (error: unknown) => asRusherError(error).code,
    )
    const done = answered.then((result) => {
      asked.result = result
    })
    return Object.assign(asked, { done })
  }

  async function storageCheck(nowMs: number): Promise<string> {
    // A hanging probe is not repeated before it has answered.
    const isOld = probed?.result !== undefined && nowMs - probed.ms > believedMs
    if (probed === undefined || isOld) probed = probe(nowMs)
    const asked = probed
    if (asked.result === undefined) await Promise.race([asked.done, parts.wait(probeMs)])
    return asked.result ?? 'does not answer'
  }

  return {
    async look(draining) {
      const nowMs = clock.monotonicMs()
      const checks = {
        storage: await storageCheck(nowMs),
        documents: counted(parts.failingDocuments(), 'cannot be read or saved'),
        engine: counted(parts.stuckThreads(), 'of its threads are stuck'),
        loop: parts.loop.check(nowMs),
        edges: counted(parts.silentEdges(), 'do not answer'),
      }
      const ready = !draining && Object.values(checks).every((check) => check === 'ok')
      return {
        kind: 'readiness',
        ready,
        checks: { ...checks, draining: draining ? 'yes' : 'no' },
      }
    },
  }
}

function counted(count: number, what: string): string {
  return count === 0 ? 'ok' : `${count} ${what}`
}
