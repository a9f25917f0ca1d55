import { type Refusal, refuse } from '../protocol/errors.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { Json, PublishReply } from '../protocol/message.ts'
import { backoffMs } from './backoff.ts'
import type { ChannelCore } from './channel-core.ts'
import type { PublishOptions, PublishReceipt } from './client.ts'
import { ClientError, errorOfRefusal } from './client-error.ts'
import type { Clock } from './clock.ts'
import { utf8Bytes } from './frames.ts'
import { Outbox, type OutboxEntry } from './outbox.ts'
import type { CallResult, Session } from './session.ts'

/** Publishes of all channels on their way at once: well below what a server lets a session have waiting. */
export const sentMax = 64
/** Times a publish is sent that the server fails at: it may be the publish that makes it fail. */
export const failedTriesMax = 5

interface Entry extends OutboxEntry {
  readonly owner: ChannelCore
  readonly resolve: (receipt: PublishReceipt) => void
  readonly reject: (error: ClientError) => void
}

export interface PublisherParts {
  readonly clock: Clock
  readonly random: () => number
  readonly makeId: () => string
  readonly outboxMax: number
  readonly inFlightMax: number
  /** The session to send in, if there is one. */
  readonly session: () => Session | undefined
  readonly changed: () => void
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

  publish(owner: ChannelCore, body: Json, options: PublishOptions): Promise<PublishReceipt> {
    const id = options.id ?? this.#parts.makeId()
    const fault = this.#faultOf(id, body)
    if (fault !== undefined) return Promise.reject(fault)
    return new Promise((resolve, reject) => {
      const { expect } = options
      this.#outbox.add({
        id,
        channel: owner.name,
        body,
        ...(expect !== undefined && { expect }),
        owner,
        resolve,
        reject,
      })
      owner.queued(id, body)
      this.#parts.changed()
      this.pump()
    })
  }

  /** Sends what may be sent now. */
  pump(): void {
    const session = this.#parts.session()
    if (session?.welcome === undefined) return
    const now = this.#parts.clock.now()
    for (const entry of this.#outbox.take(now)) {
      const { id, channel, body, expect } = entry
      session.call(
        { type: 'publish', channel, id, body, ...(expect !== undefined && { expect }) },
        (result) => this.#replied(entry, result),
      )
      entry.owner.marked(id, 'sent')
    }
    const wakeAt = this.#outbox.wakeAt(now)
    this.#parts.clock.clear(this.#timer)
    if (wakeAt === undefined) return
    this.#timer = this.#parts.clock.after(wakeAt - now, () => this.pump())
  }

  /** The session is gone: everything unacknowledged goes again, in order, in the next one. */
  resend(): void {
    this.#outbox.resend()
    for (const entry of this.#outbox.entries()) entry.owner.marked(entry.id, 'queued')
  }

  /** Takes back a publish that was never sent. */
  discard(id: string): boolean {
    if (!this.#outbox.has(id) || this.#outbox.triesOf(id) > 0) return false
    this.#outbox.remove(id)?.reject(new ClientError('DISCARDED', 'the publish was discarded'))
    this.#parts.changed()
    return true
  }

  rejectAll(error: ClientError): void {
    this.#parts.clock.clear(this.#timer)
    for (const entry of this.#outbox.entries()) this.#fail(entry, error)
  }

  #faultOf(id: string, body: Json): ClientError | undefined {
    const bytesMax = this.#parts.session()?.welcome?.limits.bodyBytesMax
    const fault = faultOfBody(body, bytesMax ?? defaultLimits.bodyBytesMax)
    if (fault !== undefined) return errorOfRefusal(fault)
    if (this.#outbox.has(id)) {
      return new ClientError('ID_REUSED', 'a publish with this id waits for its acknowledgement')
    }
    if (!this.#outbox.isFull) return undefined
    return new ClientError('OUTBOX_FULL', `${this.size} publishes wait for the server`, true)
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
    entry.owner.acknowledged(entry.id, reply)
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
      this.#fail(entry, errorOfRefusal(refusal))
      return
    }
    const { clock, random } = this.#parts
    const until = clock.now() + (refusal.retryAfterMs ?? backoffMs(tries - 1, random))
    this.#outbox.retry(entry.id, until, refusal.code === 'RATE_LIMITED' ? 'all' : 'channel')
    entry.owner.marked(entry.id, 'queued')
  }

  #fail(entry: Entry, error: ClientError): void {
    this.#outbox.remove(entry.id)
    entry.owner.failed(entry.id, error)
    entry.reject(error)
    this.#parts.changed()
  }
}

/** Says why a body cannot be sent. */
export function faultOfBody(body: Json, bodyBytesMax: number): Refusal | undefined {
  let text: string | undefined
  try {
    text = JSON.stringify(body)
  } catch (error) {
    return refuse('BAD_COMMAND', `the body is not JSON: ${String(error)}`)
  }
  if (text === undefined) return refuse('BAD_COMMAND', 'the body is not JSON')
  const bytes = utf8Bytes(text)
  if (bytes <= bodyBytesMax) return undefined
  return refuse('TOO_LARGE', `the body has ${bytes} bytes; the server takes ${bodyBytesMax}`)
}
