import { closeCodes, type Return } from '../protocol/close-codes.ts'
import type { ConnectReply, Json, ServerMessage, User } from '../protocol/message.ts'
import { protocolVersion } from '../protocol/version.ts'
import type { ChannelCore } from './channel-core.ts'
import type { HostedChannel } from './channel-host.ts'
import type { Channel, ChannelOptions, Client, ClientSnapshot, Token } from './client.ts'
import { ClientChannels } from './client-channels.ts'
import { ClientError } from './client-error.ts'
import type { ClientParts } from './client-parts.ts'
import {
  type ConnectionInput,
  type ConnectionState,
  type Fault,
  firstConnection,
  nextConnection,
  shownState,
} from './connection.ts'
import { DocumentPipe, type DocumentSocketConstructor } from './document-socket.ts'
import type { Joiner } from './joiner.ts'
import { Listeners } from './listeners.ts'
import type { Publisher } from './publisher.ts'
import { Session, type SessionEnd } from './session.ts'
import { asksOf, faultOf } from './session-end.ts'
import type { AttachedStore } from './store/store.ts'
import { TokenRenewal } from './token-renewal.ts'
import { TokenSource } from './token-source.ts'
import type { WaitingCalls } from './waiting-calls.ts'

/** Performs what `nextConnection` decides, and hands messages to where they belong. */
export class ClientCore implements Client {
  readonly #parts: ClientParts
  readonly #tokens: TokenSource
  readonly #renewal: TokenRenewal
  readonly #publisher: Publisher
  readonly #joiner: Joiner
  readonly #waiting: WaitingCalls
  readonly #store: AttachedStore | undefined
  readonly #errors = new Listeners<[ClientError]>()
  /** Resolves to whom to connect as, once the store is loaded. */
  readonly #loaded: Promise<User | undefined> | undefined
  readonly #channels: ClientChannels
  readonly #byName: ReadonlyMap<string, ChannelCore>
  readonly #changes = new Listeners()
  readonly #changed = new Set<HostedChannel | undefined>()
  readonly #documents = new DocumentPipe((bytes) => this.#live?.sendBytes(bytes))
  readonly documentSocket: DocumentSocketConstructor = this.#documents.socketClass()
  #connection: ConnectionState = firstConnection
  #live: Session | undefined
  /** Being opened; beside the live one when a draining server asked for it. */
  #next: Session | undefined
  /** Has handed over, and waits for its last replies. */
  #old: Session | undefined
  #welcome: ConnectReply | undefined
  #timer: unknown
  #opening = 0
  #resuming: Session | undefined
  /** Whether the next session may say `connect` with its upgrade. */
  #isEarly = true
  #snapshot: ClientSnapshot | undefined

  constructor(parts: ClientParts) {
    const { clock, random, options } = parts
    this.#parts = parts
    const tokens = new TokenSource(options.token, clock)
    this.#tokens = tokens
    this.#renewal = new TokenRenewal({
      ...{ clock, random, tokens },
      isCurrent: (one) => one === this.#live || one === this.#next,
    })
    this.#channels = new ClientChannels({
      ...parts,
      session: () => this.#live,
      sessions: () => [this.#live, this.#next].filter((one) => one !== undefined),
      welcome: () => this.#welcome,
      closed: () => this.#closed(),
      changed: (channel) => this.#change(channel),
      positionLost: (session) => this.#positionLost(session),
      report: (error) => this.#errors.emit(error),
    })
    const { publisher, joiner, waiting, store, byName } = this.#channels
    this.#publisher = publisher
    this.#joiner = joiner
    this.#waiting = waiting
    this.#store = store
    this.#byName = byName
    this.#loaded = store?.load(options.user, options.token !== undefined)
  }

  get status(): ClientSnapshot {
    return this.getSnapshot()
  }

  on(_name: 'error', listener: (error: ClientError) => void): () => void {
    return this.#errors.add(listener)
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#changes.add(listener)

  readonly getSnapshot = (): ClientSnapshot => {
    const { retryAt, attempt, error } = this.#connection
    const { clock } = this.#parts
    this.#snapshot ??= {
      state: shownState(this.#connection, this.#live?.isSilent === true),
      attempt,
      pending: this.#publisher.size,
      ...(this.#welcome && { user: this.#welcome.user, durability: this.#welcome.durability }),
      ...(retryAt !== undefined && { retryAt: clock.now() + retryAt - clock.monotonicMs() }),
      ...(error && { error }),
    }
    return this.#snapshot
  }

  channel<Body = Json>(name: string, options: ChannelOptions = {}): Channel<Body> {
    // The bodies of a channel are its app's; what they are is the caller's knowledge.
    return this.#channels.open(name, options) as unknown as Channel<Body>
  }

  close(): void {
    this.#step({ kind: 'closed' })
  }

  pause(): void {
    this.#step({ kind: 'paused' })
  }

  resume(): void {
    if (this.#connection.next === 'paused') this.#waiting.resume()
    this.#step({ kind: 'resumed' })
  }

  reconnectNow(): void {
    if (this.#connection.next === 'waiting') this.#step({ kind: 'hurry' })
    else this.probe()
  }

  /** Finds out whether the server is still there. */
  probe(): void {
    this.#live?.probe()
  }

  /** Connects for the first time. */
  start(): void {
    this.#step({ kind: 'start' })
  }

  /** Notifies once for all changes of a turn; `undefined` stands for the client itself. */
  #change(channel?: HostedChannel): void {
    if (channel === undefined) this.#snapshot = undefined
    this.#changed.add(channel)
    if (this.#changed.size === 1) queueMicrotask(() => this.#notify())
  }

  // --- sessions ---

  #step(input: ConnectionInput): void {
    const { clock, random } = this.#parts
    const { state, effect } = nextConnection(this.#connection, input, {
      now: clock.monotonicMs(),
      random,
    })
    this.#connection = state
    this.#change()
    if (effect === undefined) return
    clock.clear(this.#timer)
    if (effect.kind === 'open') this.#open()
    else if (effect.kind === 'stop') this.#stop()
    else if (effect.kind === 'pause') this.#pause()
    else this.#timer = clock.after(effect.delayMs, () => this.#step({ kind: 'woken' }))
  }

  #open(): void {
    const { clock, timeoutMs } = this.#parts
    this.#opening += 1
    const opening = this.#opening
    const failed = (message: string) => {
      if (opening !== this.#opening) return
      this.#opening += 1
      this.#lose('next', 'return', { code: 'TOKEN_UNAVAILABLE', message })
    }
    this.#timer = clock.after(timeoutMs, () => failed('the token function did not answer'))
    Promise.all([this.#tokens.take(), this.#loaded]).then(
      ([{ token, refused }, keptUser]) => {
        if (opening !== this.#opening) return
        clock.clear(this.#timer)
        if (refused) this.#step({ kind: 'closed', error: this.#connection.error })
        else this.#connect(token, keptUser)
      },
      (error: unknown) => failed(`the token function failed: ${String(error)}`),
    )
  }

  #connect(token: Token, keptUser: User | undefined): void {
    const { options, clock, timeoutMs, openSocket } = this.#parts
    const user =
      options.user ?? (token === undefined ? (this.#welcome?.user ?? keptUser) : undefined)
    this.#next = new Session({
      open: openSocket,
      isEarly: this.#isEarly,
      clock,
      timeoutMs,
      connect: {
        type: 'connect',
        version: protocolVersion,
        ...(token !== undefined && { token }),
        ...(user && { user }),
        ...(options.client && { client: options.client }),
      },
      handlers: {
        admitted: (session, reply) => this.#admitted(session, reply, token),
        received: (session, message) => this.#receive(session, message),
        receivedBytes: (from, bytes) => from === this.#live && this.#documents.received(bytes),
        silenceChanged: () => this.#change(),
        ended: (session, end) => this.#ended(session, end),
      },
    })
  }

  #admitted(session: Session, reply: ConnectReply, token: Token): void {
    this.#tokens.accept(token, reply.expiresAt)
    this.#welcome = reply
    this.#step({ kind: 'admitted' })
    const promote = () => {
      if (session === this.#next) this.#promote(session)
    }
    const join = () => {
      if (this.#live === undefined) promote()
      else this.#joiner.joinAll(session, [...this.#byName.values()], promote)
    }
    if (this.#store === undefined) join()
    else this.#store.admit(reply.user, join)
  }

  /** Makes an admitted session the live one. */
  #promote(session: Session): void {
    const old = this.#live
    if (old !== undefined) this.#documents.ended()
    this.#live = session
    this.#documents.opened()
    this.#next = undefined
    if (old !== undefined) {
      this.#publisher.resend()
      this.#old?.close()
      this.#old = old
      old.retire()
      for (const channel of this.#byName.values()) channel.disconnected(old)
    }
    this.#joiner.joinAll(session, [...this.#byName.values()], () => {})
    this.#publisher.pump()
    this.#waiting.send(session)
  }

  #ended(session: Session, end: SessionEnd): void {
    // Something on the way may not let a subprotocol through, and a browser then gives up: the other way is tried in turn.
    if (!session.wasOpened) this.#isEarly = !this.#isEarly
    const wasLive = session === this.#live
    const handingOver = this.#next?.welcome !== undefined
    if (!wasLive) this.#next = undefined
    if (wasLive || handingOver) this.#loseLive(session)
    // The successor is admitted already: it goes on alone.
    if (wasLive && handingOver && this.#next !== undefined) {
      this.#promote(this.#next)
      return
    }
    const fault = faultOf(end)
    const asks = session === this.#resuming ? 'resume' : asksOf(end)
    if (asks === 'new token') {
      this.#tokens.refuse()
      if (!this.#tokens.canRenew) {
        this.#step({ kind: 'closed', error: fault })
        return
      }
    }
    this.#lose(wasLive || handingOver ? 'live' : 'next', asks, fault, end.refusal?.retryAfterMs)
  }

  /** The live session is gone; so is what a failed successor had taken over from it. */
  #loseLive(ended: Session): void {
    const live = this.#live
    this.#live = undefined
    this.#documents.ended()
    live?.close()
    for (const channel of this.#byName.values()) {
      channel.disconnected(ended)
      if (live !== undefined) channel.disconnected(live)
    }
    this.#publisher.resend()
  }

  #lose(
    which: 'live' | 'next',
    asks: Return | 'resume',
    error: Fault,
    notBeforeMs: number | undefined = 0,
  ): void {
    this.#step({ kind: 'lost', which, asks, error, notBeforeMs })
  }

  /** Ends all sessions and timers. What waits keeps waiting. */
  #pause(): void {
    this.#opening += 1
    const next = this.#next
    this.#next = undefined
    next?.close()
    this.#old?.close()
    const gone = next ?? this.#live
    if (gone !== undefined) this.#loseLive(gone)
    this.#publisher.pause()
    this.#renewal.stop()
    this.#joiner.clear()
    this.#waiting.pause()
    this.#store?.save()
  }

  #stop(): void {
    this.#opening += 1
    this.#store?.close()
    const error = this.#closedError()
    this.#publisher.rejectAll(error)
    this.#waiting.rejectAll(error)
    this.#renewal.stop()
    this.#joiner.clear()
    const sessions = [this.#live, this.#next, this.#old]
    this.#live = undefined
    this.#documents.ended()
    this.#next = undefined
    for (const session of sessions) session?.close()
    for (const channel of [...this.#byName.values()]) channel.leave()
  }

  /** Why nothing is sent any more; undefined while the client is open. */
  #closed(): ClientError | undefined {
    return this.#connection.next === 'never' ? this.#closedError() : undefined
  }

  #closedError(): ClientError {
    const { error } = this.#connection
    return new ClientError(error?.code ?? 'CLOSED', error?.message ?? 'the client was closed')
  }

  #positionLost(session: Session): void {
    this.#resuming = session
    session.fail(closeCodes.POSITION_LOST.code, 'an event is missing')
  }

  // --- messages ---

  #receive(session: Session, message: ServerMessage): void {
    switch (message.type) {
      case 'drain':
        // One successor is enough, however often the server says it.
        if (session === this.#live && this.#next === undefined) {
          this.#step({ kind: 'drained', afterMs: message.afterMs })
        }
        return
      case 'expiring':
        this.#renewal.renew(
          session,
          message.endsInMs ?? message.expiresAt - this.#parts.clock.now(),
        )
        return
      case 'error':
        this.#connection = { ...this.#connection, error: message.error }
        this.#change()
        return
      case 'reply':
      case 'ping':
        return
      default:
        this.#byName.get(message.channel)?.receive(session, message)
    }
  }

  #notify(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const one of changed) {
      one?.notify()
      if (one === undefined) this.#changes.emit()
      // After the listeners: what they have not seen comes again.
      else this.#store?.move(one.name, one.getSnapshot().position)
    }
  }
}
