import type { Clock } from '../clock.ts'
import type { Answer } from '../link/link.ts'
import type { LoopStall } from '../loop-stall.ts'
import type { Storage } from '../storage/storage.ts'
import { asRusherError } from './appender.ts'

type ReadinessAnswer = Extract<Answer, { kind: 'readiness' }>

/** A probe younger than this is believed, so that health checks do not load the disk; in milliseconds. */
const believedMs = 500
/** A probe that takes longer says that storage hangs, in milliseconds. Whoever asks is answered within two seconds. */
const probeMs = 1_000

export interface ReadinessParts {
  readonly storage: Pick<Storage, 'probe'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  /** Documents that cannot be read or saved. */
  readonly failingDocuments: () => number
  /** Threads of the document engine in which nothing comes to its end. */
  readonly stuckThreads: () => number
  /** Edge processes that have not been heard of for a while. */
  readonly silentEdges: () => number
  /** Whether the core's loop came to its work. */
  readonly loop: Pick<LoopStall, 'check'>
}

/** Says whether the core does its work, and what of it does not. */
export interface Readiness {
  look(draining: boolean): Promise<ReadinessAnswer>
}

export function createReadiness(parts: ReadinessParts): Readiness {
  const { storage, clock } = parts
  let probed:
    | { readonly ms: number; result: string | undefined; readonly done: Promise<void> }
    | undefined

  /** Asks storage to write something small: with its answer a publish would be kept. */
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
    // One that hangs is not asked again before it has answered.
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
