import type { Limits, User } from '../../protocol/index.ts'
import { contain, type FaultParts } from '../containment.ts'
import type { Row } from './document-record.ts'

/** A committed update of a document that is followed. */
export interface FollowedUpdate {
  readonly kind: 'update'
  readonly document: string
  /** Its place in the document's log: one more than that of the update before. */
  readonly offset: number
  /** When it was committed, in milliseconds since 1970. */
  readonly atMs: number
  /** Who sent it. The id is '' where the server does not know. */
  readonly author: User
  /** Yjs update, format 1. */
  readonly update: Uint8Array
}

/** Updates that the listener was too slow for: read the document anew. */
export interface MissedUpdates {
  readonly kind: 'missed'
  readonly document: string
  /** Offsets of the first and the last one. */
  readonly first: number
  readonly last: number
}

/** Takes changes one at a time: the next comes when what it returned has settled. What it throws is logged, and ends nothing. */
export type FollowListener = (change: FollowedUpdate | MissedUpdates) => unknown

interface FollowerParts extends FaultParts {
  readonly limits: Pick<Limits, 'followUpdatesMax' | 'followBytesMax'>
}

/**
 * Brings one document's committed updates to one listener, in order. A commit never waits for it: where more waits than the
 * limits allow, all that waits becomes one `missed`.
 */
export class Follower {
  readonly #document: string
  readonly #listener: FollowListener
  readonly #parts: FollowerParts
  #missed: MissedUpdates | undefined
  #waiting: FollowedUpdate[] = []
  #bytes = 0
  #busy = false
  #stopped = false

  constructor(document: string, listener: FollowListener, parts: FollowerParts) {
    this.#document = document
    this.#listener = listener
    this.#parts = parts
  }

  take(offset: number, { atMs, author, update }: Row): void {
    if (this.#stopped) return
    // A copy: these bytes are the document's, and what the listener does with its own is its affair.
    const own = update.slice()
    const document = this.#document
    this.#waiting.push({ kind: 'update', document, offset, atMs, author, update: own })
    this.#bytes += own.length
    const { followUpdatesMax, followBytesMax } = this.#parts.limits
    if (this.#waiting.length > followUpdatesMax || this.#bytes > followBytesMax) {
      this.#miss(this.#waiting[0]?.offset ?? offset, offset)
    }
    if (!this.#busy) contain(this.#parts, 'document', this.#run())
  }

  /** Nothing more comes, also not what waits. */
  stop(): void {
    this.#stopped = true
    this.#waiting = []
    this.#missed = undefined
  }

  #miss(first: number, last: number): void {
    this.#missed = {
      kind: 'missed',
      document: this.#document,
      first: this.#missed?.first ?? first,
      last,
    }
    this.#waiting = []
    this.#bytes = 0
  }

  #next(): FollowedUpdate | MissedUpdates | undefined {
    const missed = this.#missed
    this.#missed = undefined
    if (missed !== undefined) return missed
    const update = this.#waiting.shift()
    if (update !== undefined) this.#bytes -= update.update.length
    return update
  }

  async #run(): Promise<void> {
    this.#busy = true
    // Never within the commit that brought it.
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
