import type { Clock } from '../clock.ts'
import type { Answer } from '../link/link.ts'
import type { Storage } from '../storage/storage.ts'
import { asRusherError } from './appender.ts'

type Readiness = Extract<Answer, { kind: 'readiness' }>

/** A probe younger than this is believed, so that health checks do not load the disk. */
const believedMs = 2_000

/** Says whether a publish would be kept now, by writing something small, and whether a document's updates are not. */
export function createReadiness(
  storage: Storage,
  clock: Clock,
  failingDocuments: () => number,
): { look(draining: boolean): Promise<Readiness> } {
  let probed: { ms: number; storage: Promise<string> } | undefined

  function probe(): Promise<string> {
    return storage.probe().then(
      () => 'ok',
      (error: unknown) => asRusherError(error).code,
    )
  }

  return {
    async look(draining) {
      const nowMs = clock.monotonicMs()
      if (probed === undefined || nowMs - probed.ms > believedMs)
        probed = { ms: nowMs, storage: probe() }
      const result = await probed.storage
      const failing = failingDocuments()
      return {
        kind: 'readiness',
        ready: result === 'ok' && !draining && failing === 0,
        checks: {
          storage: result,
          documents: failing === 0 ? 'ok' : `${failing} cannot be read or saved`,
          draining: draining ? 'yes' : 'no',
        },
      }
    },
  }
}
