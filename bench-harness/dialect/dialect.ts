import type { DialectName } from '../plan/plan.ts'
import type { Connection } from '../worker/connection.ts'

/**
 * How a server is spoken to. A dialect turns what a scenario wants into frames, and frames into what a scenario hears. It keeps nothing about a
 * connection but `connection.step`, and what stands in its own maps while an answer is awaited.
 */
export interface Dialect {
  readonly name: DialectName
  /** The subprotocols that the upgrade offers, where it does. */
  offers?(connection: Connection): readonly string[] | undefined
  /**
   * Speaks first, after the upgrade, in which the server took up this subprotocol. When it has admitted the session and joined its channels,
   * `hears.ready` is called.
   */
  opened(connection: Connection, protocol: string | undefined): void
  /** A whole message came. Its bytes are only there during the call. */
  message(connection: Connection, opcode: number, payload: Buffer): void
  /** Sends something that the server answers at once and keeps nowhere. */
  echo?(connection: Connection, no: number, text: string): void
  /** Publishes into a channel. `no` is unique in the worker, `id` everywhere. */
  publish?(connection: Connection, message: Outgoing): void
  join?(connection: Connection, channel: string, presence: boolean): void
  leave?(connection: Connection, channel: string): void
}

export interface Outgoing {
  readonly no: number
  readonly channel: string
  readonly id: string
  /** What everybody gets: a text, or for documents an update. */
  readonly body: string | Uint8Array
}

/** What a session joins before it is ready. */
export interface Entry {
  readonly user: string
  readonly channels: readonly {
    readonly channel: string
    readonly presence?: boolean
    /** Where it had come to, for one that returns. */
    readonly since?: { readonly epoch: string; readonly offset: number }
  }[]
}

/** What a dialect tells. */
export interface Hears {
  entryOf(connection: Connection): Entry
  /** The token of the session; the server takes the user from it. */
  tokenOf(connection: Connection): string | undefined
  ready(connection: Connection): void
  /** The server has refused the session, or a channel that it was to join. */
  refusedEntry(connection: Connection, raw: string): void
  /** The server said what this dialect does not allow. */
  broken(connection: Connection, raw: string): void
  /** It was told to go away and return. */
  drained(connection: Connection, afterMs: number): void
  /** The server asked for a sign of life, and was given one. */
  asked(connection: Connection): void
  echoed(connection: Connection, no: number): void
  joined(connection: Connection, joined: Joined): void
  acknowledged(connection: Connection, no: number, offset: number | undefined): void
  refused(connection: Connection, no: number, code: string, retry: boolean): void
  delivered(connection: Connection, delivery: Delivery): void
  gap(connection: Connection, channel: string, from: number, to: number): void
  presence(
    connection: Connection,
    channel: string,
    joined: readonly string[],
    left: readonly string[],
  ): void
}

export interface Joined {
  readonly channel: string
  readonly epoch: string
  readonly offset: number
  readonly recovered: boolean
  readonly gap?: { readonly from: number; readonly to: number }
}

/** Something of a channel that came. `offset` and `id` only where the server numbers what it keeps. */
export interface Delivery {
  readonly channel: string
  readonly body: string | Uint8Array
  readonly offset?: number
  readonly id?: string
}

export interface DialectParts {
  readonly send: (connection: Connection, frame: Buffer) => void
  readonly hears: Hears
}
