import { type ClientLimits, defaultClientLimits } from '../protocol/client-limits.ts'
import { decodeServerFrame } from '../protocol/codec.ts'
import { earlyProtocols, subprotocol } from '../protocol/early-frame.ts'
import type { Refusal } from '../protocol/errors.ts'
import type { Command, ConnectReply, PongCommand, ServerMessage } from '../protocol/message.ts'
import { refuseHere } from './client-error.ts'
import type { Clock } from './clock.ts'
import { packFrames, utf8Bytes } from './frames.ts'
import type { Socket, SocketHandlers } from './web-socket.ts'

/** Time from opening the socket to the reply to `connect`. */
export const openMs = 15_000
/** How often a session looks at what is due. */
export const tickMs = 5_000
/** A tick this late means that the machine slept. */
export const sleptMs = 30_000
/** Time for an answer to our own ping. */
export const probeMs = 5_000
/** Time without that answer after which the session does not pass for online. */
export const silentMs = 1_500
/** A server that is silent and leaves a command unanswered for this long is probed. */
export const unansweredMs = 3_000
/** On a slow connection a ping waits behind earlier data: it gets that much more time. */
export const slowestCharsPerMs = 4
export const uploadMsMax = 20_000
/** Time for the close that follows a refused `connect`. */
export const refusedMs = 1_000

type Unnumbered<C> = C extends { readonly ref?: number } ? Omit<C, 'ref' | 'body' | 'data'> : never
/** A command that gets its `ref` when it is sent. A body is handed over beside it, as JSON text. */
export type Call = Unnumbered<Exclude<Command, PongCommand>>

export type CallResult =
  | { readonly ok: unknown }
  | { readonly refusal: Refusal }
  | { readonly failed: 'DISCONNECTED' | 'TIMEOUT' }

export interface SessionEnd {
  readonly code: number
  readonly reason: string
  /** Why `connect` was refused. */
  readonly refusal?: Refusal
}

export interface SessionHandlers {
  admitted(session: Session, reply: ConnectReply): void
  /** Everything but replies and pings. */
  received(session: Session, message: ServerMessage): void
  /** A binary frame: something about documents. */
  receivedBytes(session: Session, bytes: Uint8Array): void
  /** `isSilent` is another. */
  silenceChanged(session: Session): void
  /** The session ended, and not by `close`. */
  ended(session: Session, end: SessionEnd): void
}

export interface SessionParts {
  readonly open: (handlers: SocketHandlers, protocols: readonly string[] | undefined) => Socket
  /** `connect` comes with the upgrade, where it fits there. */
  readonly isEarly: boolean
  readonly clock: Clock
  readonly connect: Call & { type: 'connect' }
  readonly timeoutMs: number
  readonly handlers: SessionHandlers
}

interface Waiting {
  readonly done: (result: CallResult) => void
  readonly sentAt: number
}

/** One socket, from opening to its end: frames, references, deadlines. What the messages mean is the client's. */
export class Session {
  readonly #parts: SessionParts
  readonly #socket: Socket
  readonly #calls = new Map<number, Waiting>()
  #welcome: ConnectReply | undefined
  #refusal: Refusal | undefined
  #ref = 0
  #texts: string[] = []
  #opened = false
  #ended = false
  #retired = false
  #receivedAt: number
  /** Characters sent since then. */
  #unheardChars = 0
  #isSilent = false
  /** When a ping that is not answered ends the session. */
  #failAt = Number.POSITIVE_INFINITY
  #timer: unknown
  #probeTimer: unknown
  #watchTimer: unknown

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#receivedAt = parts.clock.monotonicMs()
    this.#timer = parts.clock.after(openMs, () => this.fail(1006, 'the server did not answer'))
    this.call(parts.connect, (result) => this.#connected(result))
    const [connect = ''] = this.#texts.splice(0)
    this.#socket = parts.open(
      {
        opened: (protocol) => {
          this.#opened = true
          // Taken up, the subprotocol says that the server has read it already.
          if (protocol !== subprotocol) this.#socket.send(connect)
        },
        received: (text) => this.#receive(text),
        receivedBytes: (bytes) => this.#receiveBytes(bytes),
        closed: (code, reason) => this.#end({ code, reason }),
      },
      parts.isEarly ? earlyProtocols(connect) : undefined,
    )
  }

  /** The socket was open once. */
  get wasOpened(): boolean {
    return this.#opened
  }

  get #limits(): ClientLimits {
    return this.#welcome?.limits ?? defaultClientLimits
  }

  /** The reply to `connect`; undefined before it. */
  get welcome(): ConnectReply | undefined {
    return this.#welcome
  }

  /**
   * Sends a command with the others of this turn. `done` is called once, with what came of it. A
   * command that no frame can carry is refused here, since the server would close the session.
   */
  call(command: Call, done: (result: CallResult) => void, bodyText?: string): void {
    if (this.#ended) {
      done({ failed: 'DISCONNECTED' })
      return
    }
    this.#ref += 1
    const head = JSON.stringify({ ...command, ref: this.#ref })
    const key = command.type === 'track' ? 'data' : 'body'
    const text = bodyText === undefined ? head : `${head.slice(0, -1)},"${key}":${bodyText}}`
    const { frameBytesMax } = this.#limits
    if (utf8Bytes(text) > frameBytesMax) {
      const refusal = refuseHere('TOO_LARGE', `the server takes frames of ${frameBytesMax} bytes`)
      queueMicrotask(() => done({ refusal }))
      return
    }
    this.#calls.set(this.#ref, { done, sentAt: this.#parts.clock.monotonicMs() })
    this.#send(text)
    if (this.#welcome !== undefined) this.#watchTimer ??= this.#watchIn(unansweredMs)
  }

  #watchIn(delayMs: number): unknown {
    return this.#parts.clock.after(delayMs, () => this.#watch())
  }

  /** Asks after a server that leaves a command unanswered and says nothing else. */
  #watch(): void {
    this.#watchTimer = undefined
    const [oldest] = this.#calls.values()
    if (oldest === undefined) return
    const since = Math.max(oldest.sentAt, this.#receivedAt)
    const leftMs = since + unansweredMs - this.#parts.clock.monotonicMs()
    this.#watchTimer = this.#watchIn(leftMs <= 0 ? unansweredMs : leftMs)
    if (leftMs <= 0) this.probe()
  }

  #send(text: string): void {
    this.#unheardChars += text.length
    this.#texts.push(text)
    if (this.#texts.length === 1) queueMicrotask(() => this.#flush())
  }

  /** Sends a binary frame, behind the commands that wait. */
  sendBytes(bytes: Uint8Array): void {
    this.#flush()
    if (!this.#ended) this.#socket.sendBytes(bytes)
  }

  /** The server has not answered a ping in good time. It may still do so. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  /** Finds out whether the server is there: it must answer in time, by anything. */
  probe(withinMs = probeMs): void {
    if (this.#ended || this.#welcome === undefined) return
    const uploadMs = Math.min(this.#unheardChars / slowestCharsPerMs, uploadMsMax)
    const failAt = this.#parts.clock.monotonicMs() + withinMs + uploadMs
    if (failAt >= this.#failAt) return
    if (this.#failAt === Number.POSITIVE_INFINITY) this.call({ type: 'ping' }, () => {})
    this.#failAt = failAt
    this.#awaitSign(silentMs)
  }

  #awaitSign(delayMs: number): void {
    const { clock, handlers } = this.#parts
    const leftMs = this.#failAt - clock.monotonicMs()
    clock.clear(this.#probeTimer)
    this.#probeTimer = clock.after(Math.min(delayMs, leftMs), () => {
      if (delayMs >= leftMs) return this.fail(1006, 'no answer to a ping')
      this.#isSilent = true
      handlers.silenceChanged(this)
      this.#awaitSign(leftMs)
    })
  }

  /** Ends the session because of what it did: as if it had been closed. */
  fail(code: number, reason: string): void {
    if (this.#ended) return
    // Only these codes are a client's to send; the others stand for what was seen here.
    this.#socket.close(code >= 4000 ? code : 1000, reason)
    this.#end({ code, reason })
  }

  /** Ends the session as soon as its calls have their replies: another one has taken over. */
  retire(): void {
    this.#retired = true
    if (this.#calls.size === 0) this.close()
  }

  /** Ends the session because it is not needed any more; `ended` is not called. */
  close(): void {
    if (this.#ended) return
    this.#flush()
    this.#socket.close(1000, '')
    this.#finish()
  }

  #connected(result: CallResult): void {
    const { clock, handlers } = this.#parts
    if ('ok' in result) {
      clock.clear(this.#timer)
      const reply = result.ok as ConnectReply
      // An older server does not tell all of them.
      this.#welcome = { ...reply, limits: { ...defaultClientLimits, ...reply.limits } }
      this.#tick(clock.monotonicMs(), clock.now())
      handlers.admitted(this, this.#welcome)
    } else if ('refusal' in result) {
      // The close that follows says what to do; it is waited for, but not for long.
      this.#refusal = result.refusal
      clock.clear(this.#timer)
      this.#timer = clock.after(refusedMs, () => this.fail(1006, result.refusal.message))
    }
  }

  #receive(text: string | undefined): void {
    const messages = text === undefined ? undefined : decodeServerFrame(text)
    if (messages === undefined) {
      this.fail(1002, 'a frame was not of this protocol')
      return
    }
    this.#heard()
    for (const message of messages) {
      if (this.#ended) return
      this.#dispatch(message)
    }
  }

  #receiveBytes(bytes: Uint8Array): void {
    if (this.#ended) return
    this.#heard()
    this.#parts.handlers.receivedBytes(this, bytes)
  }

  #heard(): void {
    const { clock, handlers } = this.#parts
    this.#receivedAt = clock.monotonicMs()
    this.#unheardChars = 0
    this.#failAt = Number.POSITIVE_INFINITY
    clock.clear(this.#probeTimer)
    if (!this.#isSilent) return
    this.#isSilent = false
    handlers.silenceChanged(this)
  }

  #dispatch(message: ServerMessage): void {
    if (message.type === 'ping') {
      this.#send('{"type":"pong"}')
      this.#flush()
    } else if (message.type === 'reply') {
      const waiting = this.#calls.get(message.ref)
      this.#calls.delete(message.ref)
      waiting?.done('error' in message ? { refusal: message.error } : { ok: message.ok })
      if (this.#retired && this.#calls.size === 0) this.close()
    } else if (!this.#retired) this.#parts.handlers.received(this, message)
  }

  #flush(): void {
    const texts = this.#texts
    if (this.#ended || texts.length === 0) return
    this.#texts = []
    for (const frame of packFrames(texts, this.#limits)) this.#socket.send(frame)
  }

  #tick(due: number, dueAtWall: number): void {
    const { clock, timeoutMs } = this.#parts
    const now = clock.monotonicMs()
    const wall = clock.now()
    const { pingMs, pongMs } = this.#limits
    // Some monotonic clocks stand still while the machine sleeps.
    if (Math.max(now - due, wall - dueAtWall) > sleptMs) this.probe()
    else if (now - this.#receivedAt > pingMs + pongMs) {
      this.fail(1006, 'nothing came from the server')
      return
    } else {
      // The server pings only whom it does not hear: one who only sends must ask for itself.
      if (now - this.#receivedAt > pingMs) this.probe(pongMs + tickMs)
      this.#expire(now)
    }
    if (this.#ended) return
    const delayMs = Math.min(tickMs, timeoutMs)
    this.#timer = clock.after(delayMs, () => this.#tick(now + delayMs, wall + delayMs))
  }

  #expire(now: number): void {
    for (const [ref, { sentAt, done }] of this.#calls) {
      if (sentAt + this.#parts.timeoutMs > now) return
      this.#calls.delete(ref)
      done({ failed: 'TIMEOUT' })
    }
    if (this.#retired) this.close()
  }

  #end(end: SessionEnd): void {
    if (this.#ended) return
    this.#finish()
    if (this.#retired) return
    const refusal = this.#refusal
    this.#parts.handlers.ended(this, { ...end, ...(refusal && { refusal }) })
  }

  #finish(): void {
    this.#ended = true
    this.#parts.clock.clear(this.#timer)
    this.#parts.clock.clear(this.#probeTimer)
    this.#parts.clock.clear(this.#watchTimer)
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const { done } of calls) done({ failed: 'DISCONNECTED' })
  }
}
