import type { RusherError } from '../../../protocol/index.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Appender } from '../log/appender.ts'
import { documentLimits } from './document-limits.ts'
import { encodeRow, type Row } from './document-record.ts'

/**
 * Appends one document's updates to its log, in order. An append that fails is retried until it is
 * on disk; only then is the update acknowledged. Nothing is dropped. Pending updates are refused
 * only when storage has failed permanently.
 */
export interface UpdateWriter {
  /**
   * Hands over a row; `saved` is called with its offset once it is committed, or `refused` once
   * storage has failed for good. Rows are committed in the order of the calls.
   */
  save(row: Row, saved: (offset: number) => void, refused: Refused): void
  /**
   * Calls `then` once every row that was handed over so far is committed, at once when nothing
   * waits; or `refused`, where one of them is.
   */
  whenFlushed(then: () => void, refused: Refused): void
  /**
   * Storage has failed for good: what waits is refused, and so is every row from now on. A row
   * that storage has in hand waits for its outcome.
   */
  fail(cause: RusherError): void
  /** Rows that are not on disk yet, the oldest first. */
  readonly unsaved: readonly Row[]
  /** How many of them storage has in hand. */
  readonly underWay: number
  /** Whether the last try was refused. */
  readonly failing: boolean
  /** Tries again what is due. */
  tick(nowMs: number): void
}

/** Told what storage failed with. */
export type Refused = (cause: RusherError) => void

interface UpdateWriterContext {
  readonly channel: string
  readonly appender: Appender
  readonly clock: Clock
  /** Called whenever `failing` changes. */
  readonly changed: (failing: boolean) => void
}

interface Waiting {
  readonly row: Row
  readonly payload: Uint8Array
  readonly saved: (offset: number) => void
  readonly refused: Refused
  /** What waits for this row without being one. */
  readonly after: { readonly then: () => void; readonly refused: Refused }[]
}

export function createUpdateWriter({
  channel,
  appender,
  clock,
  changed,
}: UpdateWriterContext): UpdateWriter {
  const waiting: Waiting[] = []
  let underWay = 0
  let pauseMs: number = documentLimits.retryMs.first
  let againMs: number | undefined
  let failed: RusherError | undefined

  /** Sends everything that waits in one commit, and nothing more until its outcome is known: that keeps the order. */
  function send(): void {
    if (underWay > 0 || againMs !== undefined || waiting.length === 0) return
    const batch = [...waiting]
    underWay = batch.length
    let refused = false
    for (const [index, one] of batch.entries()) {
      const taken = appender.append({ kind: 'event', channel, payload: one.payload }, (outcome) => {
        underWay -= 1
        // One turn's items are one commit, so what was appended is a beginning of the batch.
        if (outcome.kind === 'appended') {
          waiting.shift()
          one.saved(outcome.offset)
          for (const { then } of one.after) then()
        } else refused = true
        if (underWay === 0) settle(refused)
      })
      if (taken) continue
      // The appender is full: this one and those after it wait for the next try.
      refused = true
      underWay -= batch.length - index
      if (underWay === 0) settle(refused)
      return
    }
  }

  function settle(refused: boolean): void {
    if (failed !== undefined) return refuseAll(failed)
    if (!refused) {
      if (pauseMs !== documentLimits.retryMs.first) changed(false)
      pauseMs = documentLimits.retryMs.first
      return send()
    }
    if (pauseMs === documentLimits.retryMs.first) changed(true)
    againMs = clock.monotonicMs() + pauseMs
    pauseMs = Math.min(pauseMs * 2, documentLimits.retryMs.most)
  }

  function refuseAll(cause: RusherError): void {
    againMs = undefined
    for (const one of waiting.splice(0)) {
      one.refused(cause)
      for (const { refused } of one.after) refused(cause)
    }
  }

  return {
    save(row, saved, refused) {
      if (failed !== undefined) return refused(failed)
      waiting.push({ row, payload: encodeRow(row), saved, refused, after: [] })
      send()
    },
    whenFlushed(then, refused) {
      const last = waiting.at(-1)
      if (last === undefined) then()
      else last.after.push({ then, refused })
    },
    fail(cause) {
      failed ??= cause
      if (underWay === 0) refuseAll(failed)
    },
    get unsaved() {
      return waiting.map(({ row }) => row)
    },
    get underWay() {
      return underWay
    },
    get failing() {
      return againMs !== undefined || failed !== undefined
    },
    tick(nowMs) {
      if (againMs === undefined || nowMs < againMs) return
      againMs = undefined
      send()
    },
  }
}
