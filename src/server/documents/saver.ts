import type { Clock } from '../clock.ts'
import type { Appender } from '../core/appender.ts'
import { encodeRow, type Row } from './document-record.ts'
import { documentSizes } from './document-sizes.ts'

/**
 * Brings one document's updates into its log, in order. What storage refuses is kept and tried again until it is on disk: nobody is
 * told that it is saved before, and nothing is dropped.
 */
export interface Saver {
  /** Hands over a row; `saved` is called with its offset once it is committed. Rows are committed in the order of the calls. */
  save(row: Row, saved: (offset: number) => void): void
  /** Calls back once every row that was handed over so far is committed: at once when nothing waits. */
  afterSaved(then: () => void): void
  /** Rows that are not on disk yet, the oldest first. */
  readonly unsaved: readonly Row[]
  /** How many of them storage has in hand. */
  readonly underWay: number
  /** Whether the last try was refused. */
  readonly failing: boolean
  /** Tries again what is due. */
  tick(nowMs: number): void
}

interface SaverParts {
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
  /** What waits for this row without being one. */
  readonly after: (() => void)[]
}

export function createSaver({ channel, appender, clock, changed }: SaverParts): Saver {
  const waiting: Waiting[] = []
  let underWay = 0
  let pauseMs: number = documentSizes.retryMs.first
  let againMs: number | undefined

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
          for (const then of one.after) then()
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
    if (!refused) {
      if (pauseMs !== documentSizes.retryMs.first) changed(false)
      pauseMs = documentSizes.retryMs.first
      return send()
    }
    if (pauseMs === documentSizes.retryMs.first) changed(true)
    againMs = clock.monotonicMs() + pauseMs
    pauseMs = Math.min(pauseMs * 2, documentSizes.retryMs.most)
  }

  return {
    save(row, saved) {
      waiting.push({ row, payload: encodeRow(row), saved, after: [] })
      send()
    },
    afterSaved(then) {
      const last = waiting.at(-1)
      if (last === undefined) then()
      else last.after.push(then)
    },
    get unsaved() {
      return waiting.map(({ row }) => row)
    },
    get underWay() {
      return underWay
    },
    get failing() {
      return againMs !== undefined
    },
    tick(nowMs) {
      if (againMs === undefined || nowMs < againMs) return
      againMs = undefined
      send()
    },
  }
}
