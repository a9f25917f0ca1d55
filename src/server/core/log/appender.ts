import { type Refusal, RusherError, refuse } from '../../../protocol/index.ts'
import type { Appended, Storage, ToAppend } from '../../storage/storage.ts'

/** What became of one item: its result, or why it was not (or may not have been) kept. */
export type Outcome = Appended | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface Appender {
  /** Hands an item to the next commit; false when too many wait already. `settle` is called once, in the order of `append`. */
  append(item: ToAppend, settle: (outcome: Outcome) => void): boolean
  /** Items whose outcome is not known yet. */
  readonly pending: number
  /** Resolves when nothing is pending. */
  idle(): Promise<void>
}

interface Options {
  readonly storage: Storage
  readonly queueMax: number
  /** Called after each batch of outcomes, when everybody has been told. */
  readonly settled: () => void
  /** Storage is in a state from which only a new start from disk leads on. */
  readonly failed: (error: RusherError) => void
  readonly observe: (ms: number, result: 'ok' | 'failed') => void
  readonly monotonicMs: () => number
}

interface Waiting {
  readonly item: ToAppend
  readonly settle: (outcome: Outcome) => void
}

/**
 * Gathers what all channels append in one turn of the loop into one batch. The storage makes a batch one commit, so a
 * busy server pays one fsync for many messages and a quiet one does not wait.
 */
export function createAppender(options: Options): Appender {
  let gathered: Waiting[] = []
  let pending = 0
  const idlers: (() => void)[] = []

  function flush(): void {
    const batch = gathered
    gathered = []
    const startedMs = options.monotonicMs()
    const done = (result: 'ok' | 'failed'): void => {
      pending -= batch.length
      options.observe(options.monotonicMs() - startedMs, result)
      options.settled()
      if (pending === 0) {
        for (const idle of idlers.splice(0)) idle()
      }
    }
    options.storage.append(batch.map(({ item }) => item)).then(
      (results) => {
        for (const [index, { settle }] of batch.entries()) {
          const result = results[index]
          if (result === undefined) throw new Error('storage gave fewer results than items')
          settle(result)
        }
        done('ok')
      },
      (error: unknown) => {
        const fault = asRusherError(error)
        const refusal = refusalOf(fault)
        for (const { settle } of batch) settle({ kind: 'refused', refusal })
        done('failed')
        if (isFinal(fault)) options.failed(fault)
      },
    )
  }

  return {
    append(item, settle) {
      if (pending >= options.queueMax) return false
      pending += 1
      gathered.push({ item, settle })
      if (gathered.length === 1) setImmediate(flush)
      return true
    },
    get pending() {
      return pending
    },
    idle() {
      return pending === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))
    },
  }
}

/** The refusal that tells a client truly what became of its publish. */
export function refusalOf(error: RusherError): Refusal {
  switch (error.code) {
    case 'STORAGE_FULL':
      return refuse('STORAGE_FULL', undefined, 1_000)
    case 'STORAGE_UNAVAILABLE':
    case 'STORAGE_CLOSED':
    case 'STORAGE_CORRUPT':
      return refuse('STORAGE_UNAVAILABLE', undefined, 1_000)
    default:
      return refuse('OUTCOME_UNKNOWN', undefined, 500)
  }
}

/** What storage rejected with, as a RusherError; anything else is a fault whose outcome nobody knows. */
export function asRusherError(error: unknown): RusherError {
  if (error instanceof RusherError) return error
  return new RusherError('STORAGE_UNKNOWN', 'the storage failed in an unforeseen way', {
    cause: error,
  })
}

/** Damage in one channel is that channel's affair; only what nobody knows the outcome of ends them all. */
function isFinal(error: RusherError): boolean {
  return error.code === 'STORAGE_UNKNOWN'
}
