import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Change, OpenScope } from './driver.ts'

/** How long positions wait, to be written together. */
export const positionDelayMs = 500
/** A write that takes longer is reported. */
export const slowWriteMs = 10_000

export interface WriteQueueParts {
  readonly scope: OpenScope
  readonly clock: Clock
  readonly random: () => number
  /** Called once for each series of failed writes. */
  readonly failed: (error: unknown) => void
}

/**
 * Writes the changes of one scope, one batch at a time. A failed batch is written again, with what
 * was changed meanwhile. Of several changes to one publish or position only the last is written, so
 * that the queue is never larger than what is kept.
 */
export class WriteQueue {
  readonly #parts: WriteQueueParts
  #changes = new Map<string, Change>()
  #state: 'idle' | 'delayed' | 'writing' | 'failing' = 'idle'
  #closing = false
  #timer: unknown
  #failures = 0
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = []

  constructor(parts: WriteQueueParts) {
    this.#parts = parts
  }

  /** Takes a change. Publishes are written at once, positions a little later. */
  add(change: Change): void {
    const key = keyOf(change)
    // Deleted first: a change that is made again belongs behind the others.
    this.#changes.delete(key)
    this.#changes.set(key, change)
    if (change.kind !== 'position') this.#writeSoon()
    else if (this.#state === 'idle') this.#wait('delayed', positionDelayMs)
  }

  /** Resolves when everything taken so far is written, and rejects when a write fails. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      if (this.#state === 'writing') return
      this.#parts.clock.clear(this.#timer)
      this.#state = 'idle'
      this.#write()
    })
  }

  /** Writes what waits, as far as that works, and closes the scope. */
  async close(): Promise<void> {
    this.#closing = true
    await this.flush().catch(() => {})
    await this.#parts.scope.close()
  }

  #writeSoon(): void {
    if (this.#state === 'writing' || this.#state === 'failing') return
    this.#parts.clock.clear(this.#timer)
    // A turn later, so that what one turn publishes is one batch.
    this.#state = 'writing'
    queueMicrotask(() => this.#write())
  }

  #write(): void {
    const batch = this.#changes
    if (batch.size === 0) {
      this.#settle()
      return
    }
    this.#changes = new Map()
    this.#state = 'writing'
    const { scope, clock, failed } = this.#parts
    const slow = clock.after(slowWriteMs, () => failed('the storage does not answer'))
    scope.write([...batch.values()]).then(
      () => {
        clock.clear(slow)
        this.#failures = 0
        if (this.#changes.size > 0) this.#write()
        else this.#settle()
      },
      (error: unknown) => {
        clock.clear(slow)
        this.#retry(batch, error)
      },
    )
  }

  #retry(batch: ReadonlyMap<string, Change>, error: unknown): void {
    const { random, failed } = this.#parts
    const merged = new Map(batch)
    for (const [key, change] of this.#changes) {
      merged.delete(key)
      merged.set(key, change)
    }
    this.#changes = merged
    if (this.#failures === 0) failed(error)
    this.#failures += 1
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
    if (this.#closing) this.#state = 'idle'
    else this.#wait('failing', backoffMs(this.#failures, random))
  }

  #wait(state: 'delayed' | 'failing', delayMs: number): void {
    this.#state = state
    this.#timer = this.#parts.clock.after(delayMs, () => this.#write())
  }

  #settle(): void {
    this.#state = 'idle'
    for (const waiter of this.#waiters.splice(0)) waiter.resolve()
  }
}

function keyOf(change: Change): string {
  switch (change.kind) {
    case 'put':
      return `p:${change.publish.id}`
    case 'remove':
      return `p:${change.id}`
    case 'position':
      return `c:${change.channel}`
    default:
      return change satisfies never
  }
}
