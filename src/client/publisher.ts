import type { ClientLimits } from '../protocol/client-limits.ts'
import type { Refusal } from '../protocol/errors.ts'
import type { Json, PublishReply } from '../protocol/message.ts'
import { parsePublish } from '../protocol/parse-command.ts'
import { backoffMs } from './backoff.ts'
import type { PublishOptions, PublishReceipt } from './client.ts'
import {
  type ChannelFault,
  ClientError,
  errorOfRefusal,
  faultOf,
  refuseHere,
} from './client-error.ts'
import type { Clock } from './clock.ts'
import { encodeBody } from './encode-body.ts'
import { Outbox, type OutboxEntry } from './outbox.ts'
import type { CallResult, Session } from './session.ts'
import type { AttachedStore, StoredPublish } from './store/store.ts'

/** Publishes of all channels on their way at once: well below what a server lets a session have waiting. */
export const sentMax = 64
/** Times a publish is sent that the server fails at: it may be the publish that makes it fail. */
export const failedTriesMax = 5

/** The channel of a publish. It lists what is pending. */
export interface PublishOwner {
  readonly name: string
  /** Why the server would refuse a command with this name. */
  readonly nameFault: Refusal | undefined
  restored(publish: StoredPublish): void
  queued(id: string, body: Json, expect: number | undefined): void
  marked(id: string, state: 'queued' | 'sent'): void
  acknowledged(id: string, reply: PublishReply): void
  failed(id: string, error: ClientError): void
  report(fault: ChannelFault): void
}

interface Entry extends OutboxEntry {
  /** Undefined while the program has not asked for the channel of a restored publish. */
  owner: PublishOwner | undefined
  readonly resolve: (receipt: PublishReceipt) => void
  readonly reject: (error: ClientError) => void
}

export interface PublisherParts {
  readonly clock: Clock
  readonly random: () => number
  readonly makeId: () => string
  readonly outboxMax: number
  readonly inFlightMax: number
  readonly limits: () => ClientLimits
  /** Why nothing is published any more; undefined while the client is open. */
  readonly closed: () => ClientError | undefined
  /** The session to send in, if there is one. */
  readonly session: () => Session | undefined
  readonly changed: () => void
  /** Reports the failure of a publish whose channel the program has not asked for. */
  readonly report: (error: ClientError) => void
  /** Keeps what waits and what failed. */
  readonly store: AttachedStore | undefined
}

/** Sends publishes until each is acknowledged or refused. */
export class Publisher {
  readonly #parts: PublisherParts
  readonly #outbox: Outbox<Entry>
  #timer: unknown

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#outbox = new Outbox({
      entriesMax: parts.outboxMax,
      laneSentMax: parts.inFlightMax,
      sentMax,
    })
  }

  get size(): number {
    return this.#outbox.size
  }

  /** Takes a body as it is now. What would be refused rejects at once, and is shown as failed. */
  publish(owner: PublishOwner, body: Json, options: PublishOptions): Promise<PublishReceipt> {
    const { id = this.#parts.makeId(), expect } = options
    const { text, value, refusal } = encodeBody(body, this.#parts.limits())
    const error = this.#errorOf(owner, { id, expect }, refusal)
    // What waits under this id already is another publish, and goes on.
    const isKnown = this.#outbox.has(id)
    if (!isKnown) owner.queued(id, value, expect)
    const asked = {
      id,
      channel: owner.name,
      bodyText: text,
      ...(expect !== undefined && { expect }),
    }
    if (error !== undefined) {
      if (isKnown) owner.report(faultOf(error, id))
      else {
        if (text !== '' && error.code !== 'CLOSED') this.#keepFailed(asked, error)
        owner.failed(id, error)
      }
      return Promise.reject(error)
    }
    this.#parts.store?.put(asked)
    return new Promise((resolve, reject) => {
      this.#outbox.add({ ...asked, owner, resolve, reject })
      this.#parts.changed()
      this.pump()
    })
  }

  /** Takes a publish of an earlier visit. */
  restore(stored: StoredPublish, owner: PublishOwner | undefined): void {
    if (this.#outbox.has(stored.id)) return
    if (stored.failed === undefined) {
      this.#outbox.restore({ ...stored, owner, resolve() {}, reject() {} })
    }
    owner?.restored(stored)
    this.#parts.changed()
    this.pump()
  }

  /** Shows in a channel what was restored for it before the program asked for it. */
  claim(owner: PublishOwner): void {
    for (const entry of this.#outbox.entries()) {
      if (entry.owner !== undefined || entry.channel !== owner.name) continue
      entry.owner = owner
      owner.restored(entry)
      if (this.#outbox.isSent(entry.id)) owner.marked(entry.id, 'sent')
    }
    for (const stored of this.#parts.store?.failed(owner.name) ?? []) owner.restored(stored)
  }

  /** Stops sending a publish; it stays in the store. */
  withdraw(id: string, error: ClientError): void {
    this.#outbox.remove(id)?.reject(error)
    this.#parts.changed()
  }

  /** Stops the timer until the next `pump`. */
  pause(): void {
    this.#parts.clock.clear(this.#timer)
  }

  /** Sends what may be sent now. */
  pump(): void {
    const session = this.#parts.session()
    if (session?.welcome === undefined) return
    const now = this.#parts.clock.monotonicMs()
    for (const entry of this.#outbox.take(now)) {
      const { id, channel, bodyText, expect } = entry
      session.call(
        { type: 'publish', channel, id, ...(expect !== undefined && { expect }) },
        (result) => this.#replied(entry, result),
        bodyText,
      )
      entry.owner?.marked(id, 'sent')
    }
    const wakeAt = this.#outbox.wakeAt(now)
    this.#parts.clock.clear(this.#timer)
    if (wakeAt === undefined) return
    this.#timer = this.#parts.clock.after(wakeAt - now, () => this.pump())
  }

  /** The session is gone: everything unacknowledged goes again, in order, in the next one. */
  resend(): void {
    this.#outbox.resend()
    for (const entry of this.#outbox.entries()) entry.owner?.marked(entry.id, 'queued')
  }

  /** Takes back a publish that was never sent, or forgets one that failed. */
  discard(id: string): boolean {
    if (this.#outbox.triesOf(id) > 0) return false
    this.#parts.store?.remove(id)
    const error = new ClientError('DISCARDED', 'the publish was discarded')
    const isQueued = this.#outbox.has(id)
    this.withdraw(id, error)
    return isQueued
  }

  rejectAll(error: ClientError): void {
    this.pause()
    for (const entry of this.#outbox.entries()) this.#fail(entry, error)
  }

  /** Says why a publish is not even queued. */
  #errorOf(
    owner: PublishOwner,
    asked: { readonly id: string; readonly expect: number | undefined },
    refusal: Refusal | undefined,
  ): ClientError | undefined {
    const closed = this.#parts.closed()
    if (closed !== undefined) return closed
    if (this.#outbox.has(asked.id)) {
      return new ClientError('ID_REUSED', 'this id waits')
    }
    const parsed = parsePublish(asked, this.#parts.limits())
    const badId = typeof parsed === 'string' ? refuseHere('BAD_COMMAND', parsed) : undefined
    const fault = owner.nameFault ?? badId ?? refusal
    if (fault !== undefined) return errorOfRefusal(fault)
    if (!this.#outbox.isFull) return undefined
    return new ClientError('OUTBOX_FULL', `${this.size} publishes wait`, true)
  }

  #replied(entry: Entry, result: CallResult): void {
    // A session that has handed over can answer late; what ends with its session is sent again by `resend`.
    if (!this.#outbox.holds(entry)) return
    if ('ok' in result) this.#acknowledge(entry, result.ok as PublishReply)
    else if (!this.#outbox.isSent(entry.id)) return
    else if ('refusal' in result) this.#refused(entry, result.refusal)
    else if (result.failed === 'TIMEOUT') this.#outbox.retry(entry.id, 0, 'channel')
    else return
    this.pump()
  }

  #acknowledge(entry: Entry, reply: PublishReply): void {
    this.#outbox.remove(entry.id)
    this.#parts.store?.remove(entry.id)
    entry.owner?.acknowledged(entry.id, reply)
    entry.resolve({
      id: entry.id,
      durability: reply.durability,
      ...(reply.position && { position: reply.position }),
      ...(reply.duplicate && { duplicate: true }),
    })
    this.#parts.changed()
  }

  #refused(entry: Entry, refusal: Refusal): void {
    const tries = this.#outbox.triesOf(entry.id)
    const hopeless = refusal.code === 'INTERNAL' && tries >= failedTriesMax
    if (!refusal.retry || hopeless) {
      const error = errorOfRefusal(refusal)
      // A conflict is the caller's to decide again.
      if (error.code === 'CONFLICT') this.#parts.store?.remove(entry.id)
      else this.#keepFailed(entry, error)
      this.#fail(entry, error)
      return
    }
    const { clock, random } = this.#parts
    const until = clock.monotonicMs() + (refusal.retryAfterMs ?? backoffMs(tries - 1, random))
    this.#outbox.retry(entry.id, until, refusal.code === 'RATE_LIMITED' ? 'all' : 'channel')
    entry.owner?.marked(entry.id, 'queued')
  }

  #fail(entry: Entry, error: ClientError): void {
    this.#outbox.remove(entry.id)
    if (entry.owner !== undefined) entry.owner.failed(entry.id, error)
    else if (error.code !== 'CLOSED') this.#parts.report(error)
    entry.reject(error)
    this.#parts.changed()
  }

  #keepFailed(entry: OutboxEntry, { code, message, retry }: ClientError): void {
    this.#parts.store?.put({ ...entry, failed: { code, message, retry } })
  }
}
