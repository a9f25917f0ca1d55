/*
 * What a Tsung configuration asks of WebSocket clients, as plain data. It is put into the plan whole (`plan.scenario.tsung`) and survives
 * JSON; a worker runs it and needs nothing else. All times are milliseconds.
 */

export interface TsungScript {
  readonly v: 1
  /** Where sessions connect: one is chosen for each, by weight. */
  readonly servers: readonly TsungServer[]
  /** What the configuration says of client machines. Only for whoever writes it back, or compares: a fleet is given elsewhere. */
  readonly clients: readonly TsungClient[]
  /** In the order in which they happen; a load that loops has been written out. */
  readonly phases: readonly ArrivalPhase[]
  /** The whole run is cut here; absent: it ends when the last session has. */
  readonly endsAfterMs?: number
  /** Absent: Tsung would choose another one each time. */
  readonly seed?: number
  /** For the TCP connection alone; absent: Tsung would wait for ever. */
  readonly connectTimeoutMs?: number
  /** At least one. */
  readonly sessions: readonly TsungSession[]
}

export interface TsungServer {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly weight: number
}

export interface TsungClient {
  readonly host: string
  readonly usersMax: number
  /** Its own source addresses; empty: what the system chooses. */
  readonly addresses: readonly string[]
  /** Source ports, both ends included; absent: the kernel chooses. */
  readonly ports?: readonly [first: number, last: number]
}

/** A time in which sessions begin, as a Poisson process. */
export interface ArrivalPhase {
  readonly durationMs: number
  readonly usersPerSecond: number
  /** No more than this many begin in the phase, which goes on all the same. */
  readonly usersMax?: number
  /** Weights by name of session for this phase alone; a session that is not named keeps its own. */
  readonly weights?: Readonly<Record<string, number>>
}

/** What one user does, step by step; after the last step its connection is closed. */
export interface TsungSession {
  readonly name: string
  /** Share of the users, relative to the sum over all sessions. */
  readonly weight: number
  readonly steps: readonly TsungStep[]
}

export type TsungStep =
  | ConnectStep
  | MessageStep
  | ThinkStep
  | SetStep
  | RepeatStep
  /** Closes the connection in order. A later `connect` opens a new one. */
  | { readonly kind: 'close' }
  /** Goes on when the server has sent a message. */
  | { readonly kind: 'hear' }

/** Opens a connection and upgrades it; the next step begins when the server has agreed. */
export interface ConnectStep {
  readonly kind: 'connect'
  readonly path: TsungText
  /** As in the header, commas and all. */
  readonly subprotocols?: string
  /** Absent: no header. Tsung's `Host` has no port, so that `http://<host>` is of the server's own pages; a client whose has one must know. */
  readonly origin?: string
  readonly headers?: readonly { readonly name: string; readonly value: TsungText }[]
}

export interface MessageStep {
  readonly kind: 'message'
  readonly text: TsungText
  readonly frame: 'text' | 'binary'
  /** The next step begins when anything at all has come from the server: Tsung does not look at what. */
  readonly awaitsAnswer: boolean
}

export type ThinkStep =
  /** Waits this long; when `exponential`, a random time with this mean. */
  | { readonly kind: 'think'; readonly meanMs: number; readonly exponential: boolean }
  /** Waits a random time, all between the two being as likely. */
  | { readonly kind: 'think_between'; readonly fromMs: number; readonly toMs: number }

/** Gives variables of this user new values; several variables get one drawing each. */
export interface SetStep {
  readonly kind: 'set'
  readonly variables: readonly string[]
  readonly value: TsungValue
}

export type TsungValue =
  | { readonly kind: 'text'; readonly text: string }
  /** Letters and digits. */
  | { readonly kind: 'random_text'; readonly chars: number }
  /** A whole number, both ends included. */
  | { readonly kind: 'random_number'; readonly from: number; readonly to: number }
  /** The user's own number: the same as the variable `tsung_userid`. */
  | { readonly kind: 'user_number' }

export interface RepeatStep {
  readonly kind: 'repeat'
  readonly times: number
  /** Counts along in a variable of the user: `from`, `from + step`, and so on. */
  readonly counter?: { readonly variable: string; readonly from: number; readonly step: number }
  readonly steps: readonly TsungStep[]
}

/** A text, and the variables of the user in it. */
export type TsungText = readonly (string | { readonly variable: string })[]

/** A variable that every user has from the start: its number in the run, from 1. */
export const userNumberVariable = 'tsung_userid'

/** Puts the values of variables into a text. One that has none is written as `undefined`, which is what Tsung does. */
export function fillText(text: TsungText, variables: ReadonlyMap<string, string>): string {
  return text
    .map((part) =>
      typeof part === 'string' ? part : (variables.get(part.variable) ?? 'undefined'),
    )
    .join('')
}

/** Users that begin in a phase: the rate times the duration, as far as `usersMax` allows. */
export function usersOf({ durationMs, usersPerSecond, usersMax }: ArrivalPhase): number {
  const due = Math.round((durationMs / 1_000) * usersPerSecond)
  return usersMax === undefined ? due : Math.min(due, usersMax)
}
