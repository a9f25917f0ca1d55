import { laterMs, type Return } from '../protocol/close-codes.ts'
import { backoffMs } from './backoff.ts'

/** A session that was online this long shows that the server takes us: failures count from zero again. */
export const steadyMs = 10_000
/** Spread of the first return after a steady session was lost. */
export const returnSpreadMs = 500

export interface Fault {
  readonly code: string
  readonly message: string
}

/** Where the client stands with its sessions. */
export interface ConnectionState {
  /** What is done about the next session. */
  readonly next: 'none' | 'waiting' | 'opening' | 'paused' | 'never'
  /** A session is live. Beside it, a draining server has us open the next one. */
  readonly online: boolean
  readonly onlineAt: number
  /** Failures since a session was steady. */
  readonly attempt: number
  /** When the wait ends. */
  readonly retryAt?: number
  readonly error?: Fault
}

export type ConnectionInput =
  /** Connect for the first time. */
  | { readonly kind: 'start' }
  /** The wait is over. */
  | { readonly kind: 'woken' }
  /** Do not wait any longer. */
  | { readonly kind: 'hurry' }
  /** Stay without a session until it is resumed. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  /** The session being opened was admitted. */
  | { readonly kind: 'admitted' }
  /** The server goes away; the live session goes on meanwhile. */
  | { readonly kind: 'drained'; readonly afterMs: number }
  | {
      readonly kind: 'lost'
      /** Which session ended: the live one, or the one being opened. */
      readonly which: 'live' | 'next'
      /** `resume`: we closed it ourselves, over a hole. */
      readonly asks: Return | 'resume'
      readonly error: Fault
      readonly notBeforeMs?: number
    }
  /** Never again: the program said so, or the error did. */
  | { readonly kind: 'closed'; readonly error?: Fault | undefined }

export type ConnectionEffect =
  | { readonly kind: 'open' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  /** End all sessions, for now. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'stop' }

export interface Chance {
  /** Milliseconds of a clock that is never set; all times here are its. */
  readonly now: number
  readonly random: () => number
}

export interface ConnectionStep {
  readonly state: ConnectionState
  readonly effect?: ConnectionEffect
}

export const firstConnection: ConnectionState = {
  next: 'none',
  online: false,
  onlineAt: 0,
  attempt: 0,
}

/** What a user is shown. `isSilent`: the live session leaves a ping unanswered. */
export function shownState(
  { next, online }: ConnectionState,
  isSilent: boolean,
): 'connecting' | 'online' | 'offline' | 'closed' {
  if (next === 'never') return 'closed'
  if (online) return isSilent ? 'connecting' : 'online'
  return next === 'waiting' || next === 'paused' ? 'offline' : 'connecting'
}

/** Decides when to connect. Everything that opens, waits or gives up is an effect of this function. */
export function nextConnection(
  state: ConnectionState,
  input: ConnectionInput,
  chance: Chance,
): ConnectionStep {
  if (state.next === 'never') return { state }
  switch (input.kind) {
    case 'start':
      return open(state)
    case 'woken':
    case 'hurry':
      return state.next === 'waiting' ? open(state) : { state }
    case 'paused': {
      const { retryAt: _, ...kept } = state
      return { state: { ...kept, next: 'paused', online: false }, effect: { kind: 'pause' } }
    }
    case 'resumed':
      return state.next === 'paused' ? open({ ...state, attempt: 0 }) : { state }
    case 'admitted': {
      const { retryAt: _, error: __, ...kept } = state
      return { state: { ...kept, next: 'none', online: true, onlineAt: chance.now } }
    }
    case 'drained':
      if (!state.online || state.next !== 'none') return { state }
      return wait(state, input.afterMs, chance.now)
    case 'lost':
      return lose(state, input, chance)
    case 'closed': {
      const { retryAt: _, error: __, ...kept } = state
      const { error } = input
      return {
        state: { ...kept, next: 'never', online: false, ...(error && { error }) },
        effect: { kind: 'stop' },
      }
    }
    default:
      return input satisfies never
  }
}

function open(state: ConnectionState): ConnectionStep {
  const { retryAt: _, ...kept } = state
  return { state: { ...kept, next: 'opening' }, effect: { kind: 'open' } }
}

function wait(state: ConnectionState, afterMs: number, now: number): ConnectionStep {
  const delayMs = Math.round(afterMs)
  return {
    state: { ...state, next: 'waiting', retryAt: now + delayMs },
    effect: { kind: 'wait', delayMs },
  }
}

function lose(
  state: ConnectionState,
  input: ConnectionInput & { kind: 'lost' },
  { now, random }: Chance,
): ConnectionStep {
  const live = input.which === 'live'
  const online = state.online && !live
  // The successor that a drain had us open is on its way already.
  if (live && state.next === 'opening') return { state: { ...state, online } }
  if (input.asks === 'stay away') {
    return nextConnection(state, { kind: 'closed', error: input.error }, { now, random })
  }
  const steady = live && state.online && now - state.onlineAt >= steadyMs
  const attempt = steady ? 0 : state.attempt
  const delayMs = Math.max(
    input.notBeforeMs ?? 0,
    delayOf({ asks: input.asks, attempt, steady }, random),
  )
  return wait({ ...state, online, attempt: attempt + 1, error: input.error }, delayMs, now)
}

function delayOf(
  loss: { asks: Return | 'resume'; attempt: number; steady: boolean },
  random: () => number,
): number {
  switch (loss.asks) {
    case 'later':
      return laterMs + backoffMs(loss.attempt, random)
    case 'resume':
    case 'new token':
      // Once at once; when that was of no use, as after any failure.
      return loss.attempt === 0 ? 0 : backoffMs(loss.attempt - 1, random)
    default:
      return loss.steady ? random() * returnSpreadMs : backoffMs(loss.attempt, random)
  }
}
