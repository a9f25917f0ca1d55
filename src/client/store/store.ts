import type { User } from '../../protocol/message.ts'
import type { Position } from '../../protocol/position.ts'
import type { ClientError } from '../client-error.ts'
import type { Clock } from '../clock.ts'

/** A publish as a store keeps it. */
export interface StoredPublish {
  readonly id: string
  readonly channel: string
  /** The body as JSON text, so that a retry after a reload sends the same bytes. */
  readonly bodyText: string
  /** The offset that the log must end with for the publish to be accepted. */
  readonly expect?: number
  /** Why the server refused the publish for good. Absent while the publish waits. */
  readonly failed?: {
    readonly code: string
    readonly message: string
    readonly retry: boolean
  }
}

/** Selects what `Store.clear` deletes. An absent field selects everything. */
export interface ClearOptions {
  /** The id of a user. */
  readonly user?: string
}

/**
 * Keeps the pending publishes and the positions of a client, per user and server, so that they
 * survive a reload or a restart. Pass one to `connect` as `store`. Three are included:
 * `indexedDbStore` (`rusher/client/indexeddb`), `fileStore` (`rusher/client/file`) and
 * `asyncStorageStore` (`rusher/client/async-storage`).
 *
 * A store that fails never stops the client. The client continues from memory and emits `error`.
 */
export interface Store {
  /**
   * Resolves when everything that the clients of this store have handed over is written. Rejects
   * with a ClientError when it could not be written.
   */
  flush(): Promise<void>
  /**
   * Deletes what is kept, for one user or for everybody. Call it after `client.close()` when a user
   * signs out. Rejects with a ClientError when the storage fails.
   */
  clear(options?: ClearOptions): Promise<void>
  /** Connects the store to one client. `connect` calls it. */
  attach(client: StoreClient): AttachedStore
}

/** What a store needs of the client that it serves. */
export interface StoreClient {
  /** The server's URL. Its query is no part of what data is kept by. */
  readonly url: string
  readonly clock: Clock
  /** Takes a publish out of the store. One that waits is sent, behind those restored before it. */
  restore(publish: StoredPublish): void
  /** Stops sending a publish that belongs to another user. It stays in the store. */
  withdraw(publish: StoredPublish, error: ClientError): void
  /** Reports that storing failed. */
  report(error: ClientError): void
}

/** A store as its client sees it. No method throws, and none blocks. */
export interface AttachedStore {
  /**
   * Loads what is kept for a user. Without one, for the guest that the server made for this store
   * last; but when there is a token, only the server can say who that is. Resolves within a few
   * seconds, also when the storage hangs, to the user to connect as.
   */
  load(user: User | undefined, hasToken: boolean): Promise<User | undefined>
  /**
   * Takes the user that the server admitted. Calls `then` at once when it is the loaded one, else
   * when that user's data is loaded and everybody else's is withdrawn.
   */
  admit(user: User, then: () => void): void
  /** Keeps a publish. It replaces the one with the same id. Other fields than these are ignored. */
  put(publish: StoredPublish): void
  /** Deletes a publish. */
  remove(id: string): void
  /** The publishes of a channel that failed before the reload. */
  failed(channel: string): readonly StoredPublish[]
  /** The stored position of a channel. */
  since(channel: string): Position | undefined
  /** Keeps the position of a channel, within half a second. */
  move(channel: string, position: Position | undefined): void
  /** Writes what waits without delay. */
  save(): void
  /** Writes what waits and releases the storage. What is kept stays. */
  close(): void
}
