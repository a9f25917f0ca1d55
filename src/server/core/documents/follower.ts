import type { Limits, User } from '../../../protocol/index.ts'
import { contain, type FaultContext } from '../../runtime/containment.ts'
import type { Row } from './document-record.ts'

/** A committed update of a followed document. */
export interface FollowedUpdate {
  readonly kind: 'update'
  readonly document: string
  /** Its offset in the document's log: one more than that of the previous update. */
  readonly offset: number
  /** When it was committed, in milliseconds since 1970. */
  readonly atMs: number
  /** Who sent it. The id is '' if unknown. */
  readonly author: User
  /** Yjs update, format 1. */
  readonly update: Uint8Array
}

/**
 * A document that is followed was deleted: nothing that came before is part of it any more. What
 * comes after it begins in an empty document; a listener that keeps a `Y.Doc` must create a new one.
 */
export interface FollowedDeletion {
  readonly kind: 'deleted'
  readonly document: string
  /** Its place in the document's log, which goes on after it. */
  readonly offset: number
  /** When it was committed, in milliseconds since 1970. */
  readonly atMs: number
  /** Who deleted it. The id is '' where the server does not know. */
  readonly author: User
}

/** Changes that were skipped because the listener was too slow: read the document again. */
export interface MissedUpdates {
  readonly kind: 'missed'
  readonly document: string
  /** Offsets of the first and the last one. */
  readonly first: number
  readonly last: number
  /** The document was deleted among them: what was read before is not part of it any more. */
  readonly deleted?: true
}

/** What a listener receives. */
export type FollowedChange = FollowedUpdate | FollowedDeletion | MissedUpdates

/**
 * Receives changes one at a time, the next after the returned promise settles. Errors are logged
 * and ignored.
 */
export type FollowListener = (change: FollowedChange) => unknown

/** What following needs: the bounds of what waits, and where a listener's fault goes. */
export interface FollowerContext extends FaultContext {
  readonly limits: Pick<Limits, 'followUpdatesMax' | 'followBytesMax'>
}

/**
 * Delivers one document's committed updates to one listener, in order. A commit never waits for it:
 * if the queue exceeds the limits, everything queued is replaced by one `missed`.
 */
export class Follower {
  readonly #document: string
  readonly #listener: FollowListener
  readonly #parts: FollowerContext
  #missed: MissedUpdates | undefined
  #waiting: (FollowedUpdate | FollowedDeletion)[] = []
  #bytes = 0
  #busy = false
  #stopped = false

  constructor(document: string, listener: FollowListener, parts: FollowerContext) {
    this.#document = document
    this.#listener = listener
    this.#parts = parts
  }

  take(offset: number, { atMs, author, update }: Row): void {
    if (this.#stopped) return
    // A copy: the listener may modify it.
    const own = update.slice()
    const document = this.#document
    this.#push({ kind: 'update', document, offset, atMs, author, update: own })
  }

  takeDeletion(offset: number, { atMs, author }: Row): void {
    if (this.#stopped) return
    this.#push({ kind: 'deleted', document: this.#document, offset, atMs, author })
  }

  /** Stops delivery and drops the queue. */
  stop(): void {
    this.#stopped = true
    this.#waiting = []
    this.#missed = undefined
  }

  #push(change: FollowedUpdate | FollowedDeletion): void {
    this.#waiting.push(change)
    this.#bytes += bytesOf(change)
    const { followUpdatesMax, followBytesMax } = this.#parts.limits
    if (this.#waiting.length > followUpdatesMax || this.#bytes > followBytesMax) {
      this.#miss(this.#waiting[0]?.offset ?? change.offset, change.offset)
    }
    if (!this.#busy) contain(this.#parts, 'document', this.#run())
  }

  #miss(first: number, last: number): void {
    const wasDeleted =
      this.#missed?.deleted === true || this.#waiting.some(({ kind }) => kind === 'deleted')
    this.#missed = {
      kind: 'missed',
      document: this.#document,
      first: this.#missed?.first ?? first,
      last,
      ...(wasDeleted ? { deleted: true } : {}),
    }
    this.#waiting = []
    this.#bytes = 0
  }

  #next(): FollowedChange | undefined {
    const missed = this.#missed
    this.#missed = undefined
    if (missed !== undefined) return missed
    const change = this.#waiting.shift()
    if (change !== undefined) this.#bytes -= bytesOf(change)
    return change
  }

  async #run(): Promise<void> {
    this.#busy = true
    // Never call the listener synchronously within the commit.
    await undefined
    for (let change = this.#next(); change !== undefined; change = this.#next()) {
      try {
        await this.#listener(change)
      } catch (error) {
        const { log, metrics } = this.#parts
        metrics.internalError('document')
        log.error({ err: error, document: this.#document }, 'a listener of a document failed')
      }
    }
    this.#busy = false
  }
}

function bytesOf(change: FollowedUpdate | FollowedDeletion): number {
  return change.kind === 'update' ? change.update.length : 0
}
