import { type ErrorCode, refuse } from '../../../protocol/index.ts'
import type { DocumentAnswer } from '../../link/document-messages.ts'
import type { Answer } from '../../link/link.ts'
import type { Clock } from '../../runtime/clock.ts'

/**
 * Timeouts of calls to the core, in milliseconds, and the code of the refusal. The core continues
 * the work; a late answer is dropped, except for a join.
 */
export const callKinds = {
  /** The event may still be stored. */
  publish: { withinMs: 30_000, code: 'OUTCOME_UNKNOWN' },
  /** A late answer is still delivered, because the joined channels must be left again. */
  join: { withinMs: 30_000, code: 'STORAGE_UNAVAILABLE' },
  read: { withinMs: 30_000, code: 'STORAGE_UNAVAILABLE' },
  /** Readiness and metrics: their callers have short timeouts themselves. */
  health: { withinMs: 2_000, code: 'BUSY' },
  /** The core retries reading a document. After the timeout the client reconnects. */
  open: { withinMs: 60_000, code: 'STORAGE_UNAVAILABLE' },
  /**
   * An update waits while storage is unavailable. After the timeout the client reconnects and
   * resends it.
   */
  update: { withinMs: 300_000, code: 'OUTCOME_UNKNOWN' },
  /** A backend request about a document: it may take several tasks of the engine. */
  question: { withinMs: 120_000, code: 'OUTCOME_UNKNOWN' },
} as const satisfies Record<string, { readonly withinMs: number; readonly code: ErrorCode }>

export type CallKind = keyof typeof callKinds

/** Interval of the deadline check, in milliseconds: a timeout may be late by this much. */
export const expiryCheckEveryMs = 500

const kinds = Object.keys(callKinds) as readonly CallKind[]

interface OfKind {
  readonly kind: CallKind
  readonly waiting: Map<number, (answer: Answer) => void>
  /** The last call number at each check: calls up to that number are at least as old. */
  readonly marks: { readonly ms: number; readonly last: number }[]
}

/**
 * Pending calls to the core. Each is answered once, by the core or with a refusal at its deadline;
 * a join that timed out is answered again when the core answers.
 */
export interface PendingRequests {
  /** Keeps what to do with an answer; gives the number to ask under. */
  open(take: (answer: Answer) => void, kind: CallKind): number
  answer(call: number, answer: Answer): void
  readonly waiting: number
  /** Refuses the pending calls of HTTP requests, and those to come. Those of sessions end with them. */
  stop(): void
}

/**
 * The number of a call encodes its kind, and numbers increase: a deadline costs neither a timer nor
 * an object per call. `failed` receives errors thrown while an answer is handled.
 */
export function createPendingRequests(
  clock: Clock,
  failed: (error: unknown) => void,
): PendingRequests {
  const byKind: readonly OfKind[] = kinds.map((kind) => ({ kind, waiting: new Map(), marks: [] }))
  const lateJoins = new Map<number, (answer: Answer) => void>()
  let last = 0
  let isStopped = false
  const looking = clock.every(expiryCheckEveryMs, look)

  function look(): void {
    const nowMs = clock.monotonicMs()
    for (const ofKind of byKind) {
      const { kind, waiting, marks } = ofKind
      if (waiting.size === 0) marks.length = 0
      else refuseOverdue(ofKind, nowMs - callKinds[kind].withinMs)
      if (waiting.size > 0) marks.push({ ms: nowMs, last: last + kinds.length - 1 })
    }
  }

  function refuseOverdue({ kind, waiting, marks }: OfKind, beforeMs: number): void {
    let through = 0
    while (marks[0] !== undefined && marks[0].ms <= beforeMs) through = marks.shift()?.last ?? 0
    for (const [call, waiter] of waiting) {
      if (call > through) return
      if (kind === 'join') lateJoins.set(call, waiter)
      const refusal = refuse(callKinds[kind].code, 'no answer came in time', 1_000)
      take(waiting, call, { kind: 'refused', refusal })
    }
  }

  function take(
    waiting: Map<number, (answer: Answer) => void>,
    call: number,
    answer: Answer,
  ): void {
    const waiter = waiting.get(call)
    waiting.delete(call)
    try {
      waiter?.(answer)
    } catch (error) {
      failed(error)
    }
  }

  /** Refuses what an HTTP request waits for: its connection may outlive this server. */
  function refuseRequests(): void {
    for (const { kind, waiting } of byKind) {
      if (kind !== 'health' && kind !== 'question') continue
      const refusal = refuse(callKinds[kind].code, 'the server is closed', 1_000)
      for (const call of [...waiting.keys()]) take(waiting, call, { kind: 'refused', refusal })
    }
  }

  return {
    open(waiter, kind) {
      const index = kinds.indexOf(kind)
      last += kinds.length
      const call = last + index
      byKind[index]?.waiting.set(call, waiter)
      if (isStopped) queueMicrotask(refuseRequests)
      return call
    },
    answer(call, answer) {
      const ofKind = byKind[call % kinds.length]
      if (ofKind !== undefined) take(lateJoins.has(call) ? lateJoins : ofKind.waiting, call, answer)
    },
    get waiting() {
      return byKind.reduce((sum, { waiting }) => sum + waiting.size, 0)
    },
    stop() {
      isStopped = true
      looking.stop()
      refuseRequests()
    },
  }
}

/** The answer about a document; a refusal of the call itself becomes UNAVAILABLE. */
export function documentAnswerOf(answer: Answer): DocumentAnswer {
  if (answer.kind === 'document') return answer.answer
  const message = answer.kind === 'refused' ? answer.refusal.message : 'internal server error'
  return { kind: 'refused', fault: 'UNAVAILABLE', message }
}
