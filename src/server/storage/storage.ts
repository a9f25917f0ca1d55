import type { Durability, RusherError } from '../../protocol/index.ts'

/**
 * What an event or a snapshot holds: JSON text of an object, or bytes that mean something to whoever wrote them. Text
 * comes back as text, and bytes as bytes. Bytes that are given must stay as they are until the call is fulfilled; bytes
 * that come back are the caller's own.
 */
export type Payload = string | Uint8Array

/** An event on its way into a channel's log. */
export interface EventToAppend {
  readonly kind: 'event'
  readonly channel: string
  /** Everything about the event but its channel and offset. */
  readonly payload: Payload
  /**
   * Appending a key again gives the first position instead of a second event. That goes before `expect`: a retry is a
   * duplicate, however far the log has gone on since.
   */
  readonly key?: string
  /** A checksum of what was asked for under that key, so that another request under it is noticed. */
  readonly keySum?: number
  /** Only if this is still the head. */
  readonly expect?: number
  /**
   * The payload of this earlier offset is removed in the same commit; its place and key stay. An offset outside the log is
   * passed over.
   */
  readonly erase?: number
}

/** A value that replaces the one kept before under the same name. It has no place in the log. */
export interface LatestToKeep {
  readonly kind: 'latest'
  readonly channel: string
  readonly name: string
  /** JSON text of an object. */
  readonly payload: string
}

export type ToAppend = EventToAppend | LatestToKeep

export type Appended =
  | { readonly kind: 'appended'; readonly offset: number }
  /** The key is in the log already, at `offset`; `same` is false when its keySum was another. */
  | { readonly kind: 'duplicate'; readonly offset: number; readonly same: boolean }
  | { readonly kind: 'conflict'; readonly head: number }
  | { readonly kind: 'kept' }

/** What a channel's log holds: `begin` to `head`, with `begin` = `head + 1` when it is empty. */
export interface LogState {
  readonly epoch: string
  readonly begin: number
  readonly head: number
}

export interface StoredEvent {
  readonly offset: number
  /** Undefined when it was erased. */
  readonly payload: Payload | undefined
}

export interface Page {
  readonly log: LogState
  /** In order of offset, without a hole. */
  readonly events: readonly StoredEvent[]
}

export interface Snapshot {
  readonly offset: number
  readonly payload: Payload
}

/**
 * Keeps the channels' logs. The rules ST1 to ST40 in docs/storage.md bind every keeper, and the suite in
 * `rusher/testing` checks them.
 *
 * Errors are a RusherError whose code says what became of the call:
 * STORAGE_FULL: nothing was written, and it may be tried again; the keeper recovers by itself once there is room.
 * STORAGE_UNAVAILABLE: nothing was written, and it may be tried again.
 * STORAGE_UNKNOWN: it may have been written; the keeper takes no further append (those get STORAGE_UNAVAILABLE), and must be
 * opened anew.
 * STORAGE_CORRUPT: what is stored is not what was written; the message names the channel and the offset.
 * STORAGE_CLOSED: the keeper was closed.
 */
export interface Storage {
  /** What an append has survived when its promise is fulfilled. */
  readonly durability: Durability
  /**
   * Fulfilled when the storage accepts no further append until it is reopened; pending until then.
   * Absent for a storage that cannot tell.
   */
  readonly failed?: Promise<RusherError>
  /**
   * Appends in order, in one commit, and gives one result for each item in the same order. Offsets of a channel start at 1
   * and go up by exactly one. Rejects for all items or for none. A later call is committed after an earlier one, and calls
   * need not wait for one another: those made during a commit may share the next.
   */
  append(batch: readonly ToAppend[]): Promise<readonly Appended[]>
  /**
   * The log of a channel; an unknown channel has an empty one. Creates nothing. This and every other read sees each append
   * that was fulfilled before it was asked for.
   */
  open(channel: string): Promise<LogState>
  /**
   * Up to `limit` events after an offset, in order; from the log's begin where the offset is before it. With `bytesMax` at
   * least one, and further ones as long as their payloads come to no more bytes together. That counts the UTF-8 of text,
   * and nothing for an erased event; a keeper may count a few bytes more for each event.
   */
  readAfter(channel: string, after: number, limit: number, bytesMax?: number): Promise<Page>
  /** The last `limit` events before an offset, in order. */
  readBefore(channel: string, before: number, limit: number): Promise<Page>
  /** The event at an offset; undefined where the log has none. */
  readOne(channel: string, offset: number): Promise<StoredEvent | undefined>
  /** Where a key was appended, and its keySum; undefined where the log does not have it. */
  findKey(
    channel: string,
    key: string,
  ): Promise<{ readonly offset: number; readonly keySum: number | undefined } | undefined>
  /** The values kept under names, the newest first, at most `limit`. */
  readLatest(channel: string, limit: number): Promise<readonly { name: string; payload: string }[]>
  /**
   * Removes the events up to and including `through` and keeps `snapshot` in their place, both or neither; without one the
   * snapshot that is kept stays. Readers from before are told the gap. Keys of removed events are forgotten. Beyond the head means the head; a snapshot older than
   * the one kept is dropped, and so is one of a log without events.
   */
  compact(channel: string, through: number, snapshot?: Payload): Promise<LogState>
  /**
   * Keeps a snapshot of the log through `offset` and removes nothing, so that it can be read back and compared before a
   * `compact` without a snapshot removes the events it stands for. When fulfilled it has survived what an append has. Which
   * snapshot stays is as with `compact`: beyond the head means the head; one older than the one kept is dropped, and so is
   * one of a log without events.
   */
  saveSnapshot(channel: string, offset: number, snapshot: Payload): Promise<void>
  /** The newest snapshot of a channel. */
  readSnapshot(channel: string): Promise<Snapshot | undefined>
  /** Names of channels that ever had an event, in order of their bytes, after a name; for retention. */
  channels(after: string, limit: number): Promise<readonly string[]>
  /** Whether a small write would succeed now; for `/readyz`. Rejects as `append` does. */
  probe(): Promise<void>
  /**
   * Waits for what was accepted, then lets go of the file or connection, whatever comes. Rejects when the keeper had failed.
   * Calls after it are refused with STORAGE_CLOSED, and closing again is the same closing.
   */
  close(): Promise<void>
}
