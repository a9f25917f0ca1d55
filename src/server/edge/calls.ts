import { type ErrorCode, refuse } from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { DocumentAnswer } from '../link/document-messages.ts'
import type { Answer } from '../link/link.ts'

/**
 * How long a question to the core may go without an answer, and what it is refused with then. What is under way in the core is not
 * stopped by that: its late answer goes to nobody, but for a join's.
 */
export const callKinds = {
  /** It may be stored all the same. */
  publish: { withinMs: 30_000, code: 'OUTCOME_UNKNOWN' },
  /** What it joins after all must be left again, so its late answer is still given. */
  join: { withinMs: 30_000, code: 'STORAGE_UNAVAILABLE' },
  read: { withinMs: 30_000, code: 'STORAGE_UNAVAILABLE' },
  /** Readiness and metrics: whoever asks does not wait long either. */
  health: { withinMs: 2_000, code: 'BUSY' },
  /** A document is tried to be read until it can. Its client comes back then. */
  open: { withinMs: 60_000, code: 'STORAGE_UNAVAILABLE' },
  /** An update waits for as long as storage takes none. Its client comes back then, and sends it again. */
  update: { withinMs: 300_000, code: 'OUTCOME_UNKNOWN' },
  /** A backend's about a document: it may take several of an engine's tasks. */
  question: { withinMs: 120_000, code: 'OUTCOME_UNKNOWN' },
} as const satisfies Record<string, { readonly withinMs: number; readonly code: ErrorCode }>

export type CallKind = keyof typeof callKinds

/** How often deadlines are looked at, in milliseconds: an answer may be late by so much more. */
export const callsLookEveryMs = 500

const kinds = Object.keys(callKinds) as readonly CallKind[]

interface OfKind {
  readonly kind: CallKind
  readonly waiting: Map<number, (answer: Answer) => void>
  /** At each look the newest number given until then: whatever has no larger one is at least as old. */
  readonly marks: { readonly ms: number; readonly last: number }[]
}

/** Questions to the core whose answers are not in yet. Each is answered once, by the core or with a refusal at its deadline;
 * a join that was refused is answered again when the core does. */
export interface Calls {
  /** Keeps what to do with an answer; gives the number to ask under. */
  open(take: (answer: Answer) => void, kind: CallKind): number
  answer(call: number, answer: Answer): void
  readonly waiting: number
  stop(): void
}

/**
 * A call's number says its kind, and numbers grow: a deadline costs a call neither a timer nor an object. `failed` is told of an answer
 * that could not be taken.
 */
export function createCalls(clock: Clock, failed: (error: unknown) => void): Calls {
  const byKind: readonly OfKind[] = kinds.map((kind) => ({ kind, waiting: new Map(), marks: [] }))
  const lateJoins = new Map<number, (answer: Answer) => void>()
  let last = 0
  const looking = clock.every(callsLookEveryMs, look)

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

  return {
    open(waiter, kind) {
      const index = kinds.indexOf(kind)
      last += kinds.length
      const call = last + index
      byKind[index]?.waiting.set(call, waiter)
      return call
    },
    answer(call, answer) {
      const ofKind = byKind[call % kinds.length]
      if (ofKind !== undefined) take(lateJoins.has(call) ? lateJoins : ofKind.waiting, call, answer)
    },
    get waiting() {
      return byKind.reduce((sum, { waiting }) => sum + waiting.size, 0)
    },
    stop: () => looking.stop(),
  }
}

/** What was answered about a document; a refusal of the call itself says that the document is not there now. */
export function documentAnswerOf(answer: Answer): DocumentAnswer {
  if (answer.kind === 'document') return answer.answer
  const message = answer.kind === 'refused' ? answer.refusal.message : 'internal server error'
  return { kind: 'refused', fault: 'UNAVAILABLE', message }
}
