import type { Json } from '../protocol/message.ts'
import type { Position } from '../protocol/position.ts'
import type { PendingPublish } from './client.ts'
import { type ClientError, errorOfRefusal } from './client-error.ts'
import type { StoredPublish } from './store/store.ts'

/** Failed publishes that one channel remembers for `retry`; older ones are forgotten. */
export const failedMax = 100

interface Shown {
  view: PendingPublish
  /** It was published in an earlier visit, and waits. */
  readonly restored: boolean
  readonly expect: number | undefined
  /** Acknowledged at this position; shown until its event is. */
  ackedAt?: Position
}

/**
 * What a channel shows of its own publishes that are not among its events yet. An entry leaves exactly when its event comes,
 * whichever of acknowledgement and event is first, so that a line is never shown twice and never vanishes between.
 */
export class PendingList {
  readonly #shown = new Map<string, Shown>()
  #view: readonly PendingPublish[] | undefined

  get view(): readonly PendingPublish[] {
    this.#view ??= Array.from(this.#shown.values(), (one) => one.view)
    return this.#view
  }

  add(id: string, body: Json, expect?: number, restored = false): void {
    this.#set(id, { view: { id, body, state: 'queued' }, expect, restored })
  }

  /**
   * Adds a publish of an earlier visit, as it was left then. It is sent before those of this visit
   * that wait, and shown so.
   */
  restore({ id, bodyText, expect, failed }: StoredPublish): void {
    if (this.#shown.has(id)) return
    this.add(id, JSON.parse(bodyText) as Json, expect, true)
    for (const [own, one] of [...this.#shown]) {
      if (one.restored || one.view.state !== 'queued') continue
      this.remove(own)
      this.#set(own, one)
    }
    if (failed !== undefined) this.fail(id, errorOfRefusal(failed))
  }

  mark(id: string, state: 'queued' | 'sent'): void {
    const one = this.#shown.get(id)
    if (one === undefined || one.view.state === state || one.ackedAt !== undefined) return
    this.#set(id, { ...one, view: { ...one.view, state } })
  }

  fail(id: string, error: ClientError): void {
    const one = this.#shown.get(id)
    if (one === undefined) return
    this.#set(id, { ...one, view: { ...one.view, state: 'failed', error } })
    const failed = this.view.filter((shown) => shown.state === 'failed')
    const [oldest] = failed
    if (failed.length > failedMax && oldest !== undefined) this.remove(oldest.id)
  }

  /** Takes an acknowledgement. It is kept while its event may come: `seen` is undefined before a first join. */
  acknowledge(id: string, at: Position, seen: Position | undefined): void {
    const one = this.#shown.get(id)
    if (one === undefined) return
    one.ackedAt = at
    if (seen !== undefined) this.pass(seen)
  }

  /** Drops what was acknowledged at or before a position, or in another log. */
  pass(seen: Position | undefined): void {
    for (const [id, { ackedAt }] of this.#shown) {
      if (ackedAt === undefined) continue
      const coming = seen?.epoch === ackedAt.epoch && seen.offset < ackedAt.offset
      if (!coming) this.remove(id)
    }
  }

  /** Takes a failed entry out, to be sent again with what it asked for. */
  takeFailed(id: string): { readonly body: Json; readonly expect?: number } | undefined {
    const one = this.#shown.get(id)
    if (one?.view.state !== 'failed') return undefined
    this.remove(id)
    const { expect, view } = one
    return { body: view.body, ...(expect !== undefined && { expect }) }
  }

  remove(id: string): void {
    if (this.#shown.delete(id)) this.#view = undefined
  }

  #set(id: string, one: Shown): void {
    this.#shown.set(id, one)
    this.#view = undefined
  }
}
