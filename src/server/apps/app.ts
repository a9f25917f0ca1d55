import type { ErrorCode, Json, User } from '../../protocol/index.ts'

/**
 * What a channel keeps of an event: `log` in order for ever, `latest` only the newest under a name,
 * `never` nothing. With `increasing`, a `latest` value replaces the one kept only where the number in
 * that field of its body is higher; otherwise it is accepted, and nothing changes.
 */
export type Keep = 'log' | { readonly latest: string; readonly increasing?: string } | 'never'

/** What an app decided. Data, not deeds: the channel performs it. */
export type Decision =
  | {
      readonly kind: 'publish'
      readonly body: Json
      readonly keep: Keep
      /** The event at this offset loses its body, in the same commit. Only with keep `log`, and only by an app without state. */
      readonly erase?: number
    }
  | { readonly kind: 'reply'; readonly body: Json }
  | { readonly kind: 'reject'; readonly code: ErrorCode; readonly message?: string }

/** Who sent a command. */
export interface Member {
  readonly user: User
}

/** An event as an app sees it again: what it published, who asked for it, and where it stands. An erased one is not seen. */
export interface AppEvent {
  readonly offset: number
  readonly at: number
  readonly user: User
  readonly body: Json
}

/** What `decide` may look at besides the state. */
export interface Context {
  /** Server time, milliseconds since 1970. */
  readonly now: number
  /** The offset of the log's last event; 0 where it has none. */
  readonly head: number
  /** How the command was sent. */
  readonly act: 'publish' | 'signal' | 'request'
  /** The events that `refers` named, where the log still has them and they were not erased. */
  readonly found: ReadonlyMap<number, AppEvent>
}

export interface Retention {
  /** Keep at most this many events. */
  readonly count?: number
  /** Keep events for at most this long, in milliseconds. */
  readonly ageMs?: number
}

/**
 * The behaviour of a kind of channel: `chat:lobby` is a channel of the app named `chat`.
 *
 * An app is pure: it must not await, read a clock, draw a random number or touch anything outside its arguments, and its state
 * must be plain JSON. That is what lets a channel be rebuilt from its log at any time and come out the same.
 */
export interface App<State extends Json = Json, Command = unknown> {
  readonly name: string
  /** Turns a body that a client sent into a command; undefined when it is none. */
  parse(body: Json): Command | undefined
  /** The state of a channel whose log is empty. Absent: the app needs no state, and its log is never replayed. */
  readonly initial?: State
  /** The state after one more event of the log. */
  apply?(state: State, event: AppEvent): State
  /** Offsets of events that `decide` wants to see for this command. */
  refers?(command: Command): readonly number[]
  /** Decides on a command. */
  decide(state: State, command: Command, member: Member, context: Context): Decision
  /** Whether the channel tells who is here. Default true. */
  readonly presence?: boolean
  readonly retention?: Retention
}

/** Types an app; returns it as it is. */
export function defineApp<State extends Json = null, Command = unknown>(
  app: App<State, Command>,
): App<State, Command> {
  return app
}
