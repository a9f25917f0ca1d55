import { RusherError } from '../../../protocol/index.ts'
import type { Appended, ToAppend } from '../storage.ts'
import { errorOf, type Fault, FaultError } from './fault.ts'
import type { Probe } from './packed-batch.ts'

export type Item = ToAppend | Probe

export interface CommitQueueLimits {
  /** Items gathered into one commit. A single call may bring more; it is then alone. */
  readonly commitItemsMax: number
  /** Characters of payload gathered into one commit. */
  readonly commitCharsMax: number
  /** Items that may wait. */
  readonly waitingItemsMax: number
}

interface CommitQueueOptions {
  readonly limits: CommitQueueLimits
  /** Commits the items in one transaction; rejects with a `FaultError`. */
  readonly commit: (items: readonly Item[], chars: number) => Promise<readonly Appended[]>
}

interface Waiting {
  readonly items: readonly Item[]
  readonly chars: number
  /** To be committed by itself, since it was part of a commit that failed over what one of its parts met. */
  readonly alone: boolean
  readonly resolve: (results: readonly Appended[]) => void
  readonly reject: (error: RusherError) => void
}

/**
 * Brings appends to the writer, one commit at a time. What comes in while a commit is under way goes into the next one
 * together: the slower the disk, the larger the commits, and nobody waits when it is quiet.
 */
export function createCommitQueue({ limits, commit }: CommitQueueOptions) {
  let waiting: Waiting[] = []
  let waitingItems = 0
  let committing: Promise<void> | undefined
  let fault: Fault | undefined

  function append(items: readonly Item[]): Promise<readonly Appended[]> {
    if (fault !== undefined) return Promise.reject(notWritten(fault))
    if (items.length === 0) return Promise.resolve([])
    if (waitingItems > 0 && waitingItems + items.length > limits.waitingItemsMax) {
      return Promise.reject(
        new RusherError(
          'STORAGE_UNAVAILABLE',
          `${waitingItems} appends wait for the disk already; nothing was written`,
        ),
      )
    }
    return new Promise((resolve, reject) => {
      waiting.push({ items, chars: charsOf(items), alone: false, resolve, reject })
      waitingItems += items.length
      committing ??= commitAll()
    })
  }

  async function commitAll(): Promise<void> {
    // A turn of the loop's appends belong together, also when nothing is under way.
    await Promise.resolve()
    while (waiting.length > 0) await commitSome(takeSome())
    committing = undefined
  }

  function takeSome(): readonly Waiting[] {
    let items = 0
    let chars = 0
    let count = 0
    for (const one of waiting) {
      items += one.items.length
      chars += one.chars
      const fits = items <= limits.commitItemsMax && chars <= limits.commitCharsMax && !one.alone
      if (count > 0 && !fits) break
      count += 1
      if (one.alone) break
    }
    const taken = waiting.splice(0, count)
    waitingItems -= taken.reduce((sum, one) => sum + one.items.length, 0)
    return taken
  }

  async function commitSome(taken: readonly Waiting[]): Promise<void> {
    const items = taken.length === 1 ? (taken[0]?.items ?? []) : taken.flatMap((one) => one.items)
    try {
      const results = await commit(
        items,
        taken.reduce((sum, one) => sum + one.chars, 0),
      )
      let at = 0
      for (const one of taken) {
        one.resolve(results.slice(at, at + one.items.length))
        at += one.items.length
      }
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
      settleFailed(taken, error.fault)
    }
  }

  function settleFailed(taken: readonly Waiting[], met: Fault): void {
    if (met.code === 'STORAGE_CORRUPT' && taken.length > 1) {
      // One channel's damage is not the others'.
      waiting = [...taken.map((one) => ({ ...one, alone: true })), ...waiting]
      waitingItems += taken.reduce((sum, one) => sum + one.items.length, 0)
      return
    }
    for (const one of taken) one.reject(errorOf(met))
    if (met.final) fail(met)
  }

  function fail(met: Fault): void {
    fault ??= met
    const left = waiting
    waiting = []
    waitingItems = 0
    for (const one of left) one.reject(notWritten(fault))
  }

  return {
    append,

    /** Takes nothing more: what waits was not written. */
    fail,

    /** Resolves once nothing waits and no commit is under way. */
    async drained(): Promise<void> {
      while (committing !== undefined) await committing
    },
  }
}

function notWritten(fault: Fault): RusherError {
  return new RusherError(
    'STORAGE_UNAVAILABLE',
    `the storage failed before and must be opened anew; nothing was written. It failed with: ${fault.message}`,
    { cause: errorOf(fault) },
  )
}

function charsOf(items: readonly Item[]): number {
  let chars = 0
  for (const item of items) chars += item.kind === 'probe' ? 0 : item.payload.length
  return chars
}
