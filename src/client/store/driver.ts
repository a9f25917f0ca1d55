import type { User } from '../../protocol/message.ts'
import type { Position } from '../../protocol/position.ts'
import type { ClearOptions, StoredPublish } from './store.ts'

/** Whose data it is. */
export interface Scope {
  readonly server: string
  /** The user's id. */
  readonly user: string
}

/** One change of what is kept. Writing a change twice has the effect of writing it once. */
export type Change =
  | { readonly kind: 'put'; readonly publish: StoredPublish }
  | { readonly kind: 'remove'; readonly id: string }
  /** Without a position, the channel's is deleted. */
  | { readonly kind: 'position'; readonly channel: string; readonly position?: Position }

/** The data of one scope, opened by one client alone. */
export interface OpenScope {
  /** In the order in which they were put. */
  readonly publishes: readonly StoredPublish[]
  readonly positions: ReadonlyMap<string, Position>
  /**
   * Writes changes in order. Resolves when they survive the end of the process; puts also survive a
   * power loss where the storage can do that. There is one call at a time.
   */
  write(changes: readonly Change[]): Promise<void>
  /** Releases the scope for the next client. There is no call after it. */
  close(): Promise<void>
}

/** A kind of storage: the I/O of a store, without its rules. Every method may reject. */
export interface Driver {
  /**
   * Opens a scope for one client alone.
   * @param takenOver Called when the publishes of another client become this client's.
   */
  open(scope: Scope, takenOver: (publishes: readonly StoredPublish[]) => void): Promise<OpenScope>
  /** The guest that a server made last. */
  loadGuest(server: string): Promise<User | undefined>
  saveGuest(server: string, guest: User): Promise<void>
  /** Deletes what is kept, also the guests when no user is named. */
  clear(options: ClearOptions): Promise<void>
}
