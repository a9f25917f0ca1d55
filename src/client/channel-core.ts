import type { Refusal } from '../protocol/errors.ts'
import type {
  ChannelToJoin,
  HistoryReply,
  JoinedChannel,
  Json,
  LatestValue,
  LoggedEvent,
  PresenceState,
  PublishReply,
  RequestReply,
} from '../protocol/message.ts'
import { parsePage } from '../protocol/parse-command.ts'
import type { Gap } from '../protocol/position.ts'
import type { ChannelHost, ChannelMessage } from './channel-host.ts'
import { ChannelListeners } from './channel-listeners.ts'
import { checkChannel } from './check-channel.ts'
import type {
  Channel,
  ChannelOptions,
  ChannelSnapshot,
  PublishOptions,
  PublishReceipt,
} from './client.ts'
import {
  type ChannelFault,
  ClientError,
  errorOfRefusal,
  faultOf,
  refuseHere,
} from './client-error.ts'
import { encodeBody } from './encode-body.ts'
import { EventLog } from './event-log.ts'
import { JoinWaiters } from './join-waiters.ts'
import { Listeners } from './listeners.ts'
import { OlderPages } from './older-pages.ts'
import { PendingList } from './pending-list.ts'
import { foldPresence, nobody } from './presence.ts'
import type { Session } from './session.ts'
import type { StoredPublish } from './store/store.ts'
import { TrackedData } from './tracked-data.ts'

export class ChannelCore implements Channel {
  readonly name: string
  /** Why no command with this name is sent: the server would refuse the other channels with it. */
  readonly nameFault: Refusal | undefined
  /** False for a channel that was refused here and is never asked for. */
  readonly canJoin: boolean
  readonly #host: ChannelHost
  readonly #log: EventLog
  readonly #pending = new PendingList()
  readonly #changes = new Listeners()
  readonly #tracked = new TrackedData((text) =>
    this.#host.call({ type: 'track', channel: this.name }, text),
  )
  readonly #listeners = new ChannelListeners()
  readonly on = this.#listeners.add
  #wants: { presence: boolean; latest: boolean }
  #state: ChannelSnapshot['state'] = 'joining'
  #presence: PresenceState | undefined
  #latest: ReadonlyMap<string, LatestValue> = new Map()
  #gap: Gap | undefined
  #error: Refusal | undefined
  #snapshot: ChannelSnapshot | undefined
  /** The session whose messages count. Another one's could belong to another log. */
  #source: Session | undefined
  /** Offset from which a recovery counts what was missed. */
  #recoveringFrom: number | undefined
  readonly #joins: JoinWaiters
  readonly #older: OlderPages

  constructor(name: string, options: ChannelOptions, host: ChannelHost) {
    this.name = name
    this.#host = host
    this.#wants = { presence: options.presence === true, latest: options.latest === true }
    const { since, nameFault, joinFault } = checkChannel(name, options.since)
    this.#log = new EventLog(options.keepEvents, since, options.resume)
    this.#joins = new JoinWaiters(
      () => this.#log.position !== undefined,
      () => this.#whyNever(),
    )
    this.#older = new OlderPages({
      log: this.#log,
      joins: this.#joins,
      history: (page) => this.history(page),
      took: (events) => {
        for (const event of events) this.#settle(event)
        this.#change()
      },
      isOffline: () => this.#source === undefined,
    })
    this.nameFault = nameFault
    this.canJoin = joinFault === undefined
    if (joinFault === undefined) return
    this.#state = 'refused'
    this.#error = joinFault
    // The caller cannot have added a listener yet.
    queueMicrotask(() => this.#listeners.emit('error', joinFault))
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#changes.add(listener)

  readonly getSnapshot = (): ChannelSnapshot => {
    this.#snapshot ??= {
      state: this.#state,
      events: this.#log.events,
      pending: this.#pending.view,
      latest: this.#latest,
      hasOlder: this.#log.hasOlder,
      ...(this.#presence && { presence: this.#presence }),
      ...(this.#log.position && { position: this.#log.position }),
      ...(this.#log.begin !== undefined && { begin: this.#log.begin }),
      ...(this.#gap && { gap: this.#gap }),
      ...(this.#error && { error: this.#error }),
    }
    return this.#snapshot
  }

  publish(body: Json, options: PublishOptions = {}): Promise<PublishReceipt> {
    const receipt = this.#host.publisher.publish(this, body, options)
    receipt.catch(() => {})
    return receipt
  }

  signal(body: Json): void {
    const { text, refusal } = encodeBody(body, this.#host.limits())
    const fault = this.nameFault ?? refusal
    if (fault === undefined) this.#host.signal(this, text)
    else this.report(fault)
  }

  async request(body: Json): Promise<Json> {
    const { text, refusal } = encodeBody(body, this.#host.limits())
    this.#refuseCall(this.nameFault ?? refusal)
    const reply = await this.#host.call({ type: 'request', channel: this.name }, text)
    return (reply as RequestReply).body
  }

  async history(
    page: { before?: number; after?: number; limit?: number } = {},
  ): Promise<HistoryReply> {
    const asked = parsePage(page, this.#host.limits())
    if (typeof asked === 'string') throw badCommand(asked)
    this.#refuseCall(this.nameFault)
    const reply = await this.#host.call({ type: 'history', channel: this.name, ...asked })
    return reply as HistoryReply
  }

  loadOlder(limit?: number): Promise<boolean> {
    const asked = parsePage({ limit }, this.#host.limits())
    return typeof asked === 'string' ? Promise.reject(badCommand(asked)) : this.#older.load(limit)
  }

  async presence(): Promise<PresenceState> {
    this.#refuseCall(this.nameFault)
    const reply = await this.#host.call({ type: 'presence', channel: this.name })
    return reply as PresenceState
  }

  track(data: Json): Promise<void> {
    const limits = this.#host.limits()
    const encoded = encodeBody(data, { ...limits, bodyBytesMax: limits.presenceDataBytesMax })
    const tracked = this.#tracked.set(encoded, this.#joins)
    tracked.catch(() => {})
    return tracked
  }

  retry(id: string): void {
    const failed = this.#pending.takeFailed(id)
    if (failed === undefined) return
    const { body, ...condition } = failed
    this.publish(body, { id, ...condition })
  }

  discard(id: string): void {
    const isFailed = this.#pending.takeFailed(id) !== undefined
    if (!this.#host.publisher.discard(id) && !isFailed) return
    this.#pending.remove(id)
    this.#change()
  }

  leave(): void {
    if (this.#state === 'left') return
    this.#host.leave(this)
    this.#source = undefined
    this.#set('left')
  }

  // --- what the client calls ---

  /** Asks for more than the channel was joined for. True when it must be joined again. */
  want(options: ChannelOptions): boolean {
    const presence = this.#wants.presence || options.presence === true
    const latest = this.#wants.latest || options.latest === true
    const more = presence !== this.#wants.presence || latest !== this.#wants.latest
    this.#wants = { presence, latest }
    return more
  }

  /** How to ask for this channel, from where it stands. */
  toJoin(): ChannelToJoin {
    const since = this.#log.startAfter(this.#host.store?.since(this.name))
    return {
      channel: this.name,
      ...(since && { since }),
      ...(this.#wants.presence && { presence: true }),
      ...(this.#wants.latest && { latest: true }),
    }
  }

  joined(session: Session, reply: JoinedChannel): void {
    if (this.#state === 'left') return
    if ('error' in reply) {
      this.#refuse(reply.error)
      return
    }
    const before = this.#log.position
    const hadEvents = this.#log.events.length > 0
    this.#source = session
    this.#error = undefined
    const gap = this.#log.join(reply)
    if (reply.presence !== undefined) this.#presence = reply.presence
    if (reply.latest !== undefined) {
      this.#latest = new Map(reply.latest.map((value) => [value.key, value]))
    }
    this.#pending.pass(this.#log.position)
    this.#gap = gap
    if (gap !== undefined) this.#listeners.emit('gap', gap)
    // Joined anew without having been away, nothing was missed.
    const returns = gap === undefined && this.#state !== 'joined'
    this.#recoveringFrom = returns ? before?.offset : undefined
    this.#caughtUp()
    this.#joins.settle()
    this.#tracked.joined()
    if (gap?.reason === 'epoch' && hadEvents) this.loadOlder().catch(() => {})
  }

  /** The session is gone; what the channel holds stays. */
  disconnected(session: Session): void {
    if (this.#source !== session) return
    this.#source = undefined
    if (this.#state !== 'left' && this.#state !== 'refused') this.#set('recovering')
  }

  receive(session: Session, message: ChannelMessage): void {
    if (this.#source !== session) return
    switch (message.type) {
      case 'event':
        this.#take(session, message)
        return
      case 'gap':
        this.#skip(message.gap)
        return
      case 'left':
        this.#refuse(message.error)
        if (message.error.retry) this.#host.joiner.addLater(this, message.error)
        return
      case 'signal':
        this.#listeners.emit('signal', message)
        return
      case 'latest':
        this.#latest = new Map(this.#latest).set(message.key, message)
        this.#listeners.emit('latest', message)
        break
      case 'presence':
        this.#presence = foldPresence(this.#presence ?? nobody, message)
        this.#listeners.emit('presence', message)
        break
      default:
        // A newer server may have more to say than this client knows.
        message satisfies never
        return
    }
    this.#change()
  }

  /** Shows a publish of an earlier visit. */
  restored(publish: StoredPublish): void {
    this.#pending.restore(publish)
    this.#change()
  }

  queued(id: string, body: Json, expect: number | undefined): void {
    this.#pending.add(id, body, expect)
    this.#change()
  }

  marked(id: string, state: 'queued' | 'sent'): void {
    this.#pending.mark(id, state)
    this.#change()
  }

  acknowledged(id: string, reply: PublishReply): void {
    const listens = this.#state !== 'left' && this.#state !== 'refused'
    if (reply.position === undefined || !listens) this.#pending.remove(id)
    else this.#pending.acknowledge(id, reply.position, this.#log.position)
    this.#change()
  }

  failed(id: string, error: ClientError): void {
    // A conflict is the caller's to decide again: sent as it is, it would conflict again.
    if (error.code === 'CONFLICT' || error.code === 'CLOSED') this.#pending.remove(id)
    else this.#pending.fail(id, error)
    this.#change()
    // The program closed the client itself.
    if (error.code !== 'CLOSED') this.#listeners.emit('error', faultOf(error, id))
  }

  report(fault: ChannelFault): void {
    this.#listeners.emit('error', fault)
  }

  notify(): void {
    this.#changes.emit()
  }

  // --- inside ---

  #take(session: Session, event: LoggedEvent): void {
    const taken = this.#log.accept(event)
    if (taken === 'duplicate') return
    if (taken === 'hole') {
      this.#host.positionLost(session)
      return
    }
    this.#settle(event)
    this.#pending.pass(this.#log.position)
    this.#listeners.emit('event', event)
    this.#caughtUp()
  }

  /** An event of our own is not pending any more. */
  #settle(event: LoggedEvent): void {
    if (event.id === undefined || event.user?.id !== this.#host.userId()) return
    this.#pending.remove(event.id)
  }

  #skip(gap: Gap): void {
    if (gap.reason === 'epoch') {
      // The new log's epoch is not in the message; joining from nowhere tells it.
      this.#log.forget()
      this.#source = undefined
      this.#set('joining')
      this.#host.joiner.add(this)
    } else if (!this.#log.skip(gap)) return
    this.#pending.pass(this.#log.position)
    this.#gap = gap
    this.#recoveringFrom = undefined
    this.#listeners.emit('gap', gap)
    this.#change()
  }

  #caughtUp(): void {
    const position = this.#log.position
    if (position === undefined || this.#log.recovering) {
      this.#set('recovering')
      return
    }
    this.#set('joined')
    if (this.#recoveringFrom === undefined) return
    const missed = position.offset - this.#recoveringFrom
    this.#recoveringFrom = undefined
    this.#listeners.emit('recovered', { position, missed })
  }

  #refuse(refusal: Refusal): void {
    this.#source = undefined
    this.#error = refusal
    this.#pending.pass(undefined)
    this.#set('refused')
    this.#listeners.emit('error', refusal)
    this.#joins.settle()
  }

  /** Rejects a call that the server would refuse. */
  #refuseCall(refusal: Refusal | undefined): void {
    if (refusal !== undefined) throw errorOfRefusal(refusal)
  }

  /** Why the channel is not going to be joined, as far as can be told. */
  #whyNever(): ClientError | undefined {
    if (this.#state === 'left') return new ClientError('CLOSED', 'the channel was left')
    return this.#error && errorOfRefusal(this.#error)
  }

  #set(state: ChannelSnapshot['state']): void {
    this.#state = state
    if (state === 'left') this.#joins.settle()
    this.#change()
  }

  #change(): void {
    this.#snapshot = undefined
    this.#host.changed(this)
  }
}

function badCommand(why: string): ClientError {
  return errorOfRefusal(refuseHere('BAD_COMMAND', why))
}
