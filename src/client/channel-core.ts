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
  ServerMessage,
} from '../protocol/message.ts'
import type { Gap } from '../protocol/position.ts'
import type {
  Channel,
  ChannelEvents,
  ChannelOptions,
  ChannelSnapshot,
  PublishOptions,
  PublishReceipt,
} from './client.ts'
import { ClientError } from './client-error.ts'
import { EventLog } from './event-log.ts'
import { Listeners } from './listeners.ts'
import { PendingList } from './pending-list.ts'
import { foldPresence, nobody } from './presence.ts'
import type { Call, Session } from './session.ts'
import { TrackedData } from './tracked-data.ts'

/** Events a channel holds if its options do not say. */
export const keepEventsDefault = 1000
/** Events that `loadOlder` asks for if it is not told. */
export const pageEventsDefault = 50

/** A message that belongs to one channel. */
type ChannelMessage = Extract<ServerMessage, { readonly channel: string }>

/** What a channel needs of the client it belongs to. */
export interface ChannelHost {
  userId(): string | undefined
  /** Sends once there is a session; rejects when that ends before the reply. */
  call(command: Call): Promise<unknown>
  signal(channel: ChannelCore, body: Json): void
  publish(channel: ChannelCore, body: Json, options: PublishOptions): Promise<PublishReceipt>
  /** Takes a publish back; false when it may have been sent. */
  discard(id: string): boolean
  /** Has the channel joined; again, if it is. */
  join(channel: ChannelCore): void
  joinLater(channel: ChannelCore, refusal: Refusal): void
  leave(channel: ChannelCore): void
  changed(channel: ChannelCore): void
  /** Events did not follow one another: the session must be resumed. */
  positionLost(session: Session): void
}

export class ChannelCore implements Channel {
  readonly name: string
  readonly #host: ChannelHost
  readonly #log: EventLog
  readonly #pending = new PendingList()
  readonly #changes = new Listeners()
  readonly #tracked = new TrackedData((data) =>
    this.#host.call({ type: 'track', channel: this.name, data }),
  )
  readonly #listeners: {
    readonly [Name in keyof ChannelEvents]?: Listeners<[ChannelEvents[Name]]>
  } = {}
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
  #loading: Promise<boolean> | undefined
  #joinWaiters: (() => void)[] = []

  constructor(name: string, options: ChannelOptions, host: ChannelHost) {
    this.name = name
    this.#host = host
    this.#wants = { presence: options.presence === true, latest: options.latest === true }
    this.#log = new EventLog(options.keepEvents ?? keepEventsDefault, options.since)
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

  on<Name extends keyof ChannelEvents>(
    name: Name,
    listener: (event: ChannelEvents[Name]) => void,
  ): () => void {
    const all = this.#listeners as { [key in Name]?: Listeners<[ChannelEvents[Name]]> }
    all[name] ??= new Listeners()
    return all[name].add(listener)
  }

  publish(body: Json, options: PublishOptions = {}): Promise<PublishReceipt> {
    const receipt = this.#host.publish(this, body, options)
    receipt.catch(() => {})
    return receipt
  }

  signal(body: Json): void {
    this.#host.signal(this, body)
  }

  async request(body: Json): Promise<Json> {
    const reply = await this.#host.call({ type: 'request', channel: this.name, body })
    return (reply as RequestReply).body
  }

  async history(
    page: { before?: number; after?: number; limit?: number } = {},
  ): Promise<HistoryReply> {
    const reply = await this.#host.call({ type: 'history', channel: this.name, ...page })
    return reply as HistoryReply
  }

  loadOlder(limit: number = pageEventsDefault): Promise<boolean> {
    this.#loading ??= this.#loadOlder(limit).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async presence(): Promise<PresenceState> {
    const reply = await this.#host.call({ type: 'presence', channel: this.name })
    return reply as PresenceState
  }

  track(data: Json): Promise<void> {
    const isJoined = this.#log.position !== undefined
    const tracked = this.#tracked.set(data, isJoined ? undefined : this.#nextJoin())
    tracked.catch(() => {})
    return tracked
  }

  retry(id: string): void {
    const failed = this.#pending.takeFailed(id)
    if (failed !== undefined) this.publish(failed.body, { id })
  }

  discard(id: string): void {
    if (this.#pending.takeFailed(id) === undefined && !this.#host.discard(id)) return
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
    const since = this.#log.position
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
    if (gap !== undefined) this.#emit('gap', gap)
    // Joined anew without having been away, nothing was missed.
    const returns = gap === undefined && this.#state !== 'joined'
    this.#recoveringFrom = returns ? before?.offset : undefined
    this.#caughtUp()
    for (const waiter of this.#joinWaiters.splice(0)) waiter()
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
        return
      case 'signal':
        this.#emit('signal', message)
        return
      case 'latest':
        this.#latest = new Map(this.#latest).set(message.key, message)
        this.#emit('latest', message)
        break
      case 'presence':
        this.#presence = foldPresence(this.#presence ?? nobody, message)
        this.#emit('presence', message)
        break
      default:
        // A newer server may have more to say than this client knows.
        message satisfies never
        return
    }
    this.#change()
  }

  queued(id: string, body: Json): void {
    this.#pending.add(id, body)
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
  }

  report(refusal: Refusal): void {
    this.#emit('error', refusal)
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
    this.#emit('event', event)
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
      this.#host.join(this)
    } else if (!this.#log.skip(gap)) return
    this.#pending.pass(this.#log.position)
    this.#gap = gap
    this.#recoveringFrom = undefined
    this.#emit('gap', gap)
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
    this.#emit('recovered', { position, missed })
  }

  #refuse(refusal: Refusal): void {
    this.#source = undefined
    this.#error = refusal
    this.#pending.pass(undefined)
    this.#set('refused')
    this.#emit('error', refusal)
    for (const waiter of this.#joinWaiters.splice(0)) waiter()
    if (refusal.retry) this.#host.joinLater(this, refusal)
  }

  async #loadOlder(limit: number): Promise<boolean> {
    for (;;) {
      if (this.#state === 'left') throw new ClientError('CLOSED', 'the channel was left')
      while (this.#log.position === undefined) await this.#nextJoin()
      if (!this.#log.hasOlder) return false
      try {
        const page = await this.history({ before: this.#log.olderBefore, limit })
        for (const event of this.#log.prepend(page)) this.#settle(event)
        this.#change()
        return this.#log.hasOlder
      } catch (error) {
        // A page can be asked for again; while there is no session, the question waits for the next one.
        const again = error instanceof ClientError && isLoss(error, this.#source === undefined)
        if (!again) throw error
      }
    }
  }

  async #nextJoin(): Promise<void> {
    if (this.#state === 'left') throw new ClientError('CLOSED', 'the channel was left')
    if (this.#error !== undefined) {
      throw new ClientError(this.#error.code, this.#error.message, this.#error.retry)
    }
    await new Promise<void>((resolve) => this.#joinWaiters.push(resolve))
  }

  #emit<Name extends keyof ChannelEvents>(name: Name, event: ChannelEvents[Name]): void {
    const listeners: Listeners<[ChannelEvents[Name]]> | undefined = this.#listeners[name]
    listeners?.emit(event)
  }

  #set(state: ChannelSnapshot['state']): void {
    this.#state = state
    if (state === 'left') for (const waiter of this.#joinWaiters.splice(0)) waiter()
    this.#change()
  }

  #change(): void {
    this.#snapshot = undefined
    this.#host.changed(this)
  }
}

/** True when a command failed only for want of a session. */
function isLoss(error: ClientError, offline: boolean): boolean {
  return error.code === 'DISCONNECTED' || (error.code === 'TIMEOUT' && offline)
}
