import { decodeServerFrame } from '../protocol/codec.ts'
import { earlyProtocols, subprotocol } from '../protocol/early-frame.ts'
import type { Refusal } from '../protocol/errors.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { Command, ConnectReply, ServerMessage } from '../protocol/message.ts'
import type { Clock } from './clock.ts'
import { packFrames } from './frames.ts'
import type { Socket, SocketHandlers } from './web-socket.ts'

/** Time from opening the socket to the reply to `connect`. */
export const openMs = 15_000
/** How often a session looks at what is due. */
export const tickMs = 5_000
/** A tick this late means that the machine slept. */
export const sleptMs = 30_000
/** Time for an answer to our own ping. */
export const probeMs = 5_000
/** Time for the close that follows a refused `connect`. */
export const refusedMs = 1_000

type WithoutRef<C> = C extends { ref: number } ? Omit<C, 'ref'> : never
export type Call = WithoutRef<Command>

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
  readonly deadline: number
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
  #timer: unknown
  #probeTimer: unknown

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#receivedAt = parts.clock.now()
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

  /** The reply to `connect`; undefined before it. */
  get welcome(): ConnectReply | undefined {
    return this.#welcome
  }

  /** Sends a command with the others of this turn. `done` is called once, with what came of it. */
  call(command: Call, done: (result: CallResult) => void): void {
    if (this.#ended) {
      done({ failed: 'DISCONNECTED' })
      return
    }
    this.#ref += 1
    const deadline = this.#parts.clock.now() + this.#parts.timeoutMs
    this.#calls.set(this.#ref, { done, deadline })
    this.post({ ...command, ref: this.#ref } as Command)
  }

  /** Sends a command that has no reply. */
  post(command: Command): void {
    if (this.#ended) return
    this.#texts.push(JSON.stringify(command))
    if (this.#texts.length === 1) queueMicrotask(() => this.#flush())
  }

  /** Sends a binary frame, behind the commands that wait. */
  sendBytes(bytes: Uint8Array): void {
    this.#flush()
    if (!this.#ended) this.#socket.sendBytes(bytes)
  }

  /** Finds out whether the server is there: it must answer in time, by anything. */
  probe(withinMs = probeMs): void {
    if (this.#ended || this.#probeTimer !== undefined || this.#welcome === undefined) return
    const { clock } = this.#parts
    this.#probeTimer = clock.after(withinMs, () => this.fail(1006, 'no answer to a ping'))
    this.call({ type: 'ping' }, () => {})
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
      this.#welcome = result.ok as ConnectReply
      this.#tick(clock.now())
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
    const { clock } = this.#parts
    this.#receivedAt = clock.now()
    if (this.#probeTimer !== undefined) clock.clear(this.#probeTimer)
    this.#probeTimer = undefined
  }

  #dispatch(message: ServerMessage): void {
    if (message.type === 'ping') {
      this.post({ type: 'pong' })
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
    const frames = packFrames(texts, {
      frameBytesMax: this.#welcome?.limits.frameBytesMax ?? defaultLimits.connectFrameBytesMax,
      frameCommandsMax: this.#welcome?.limits.frameCommandsMax ?? 1,
    })
    for (const frame of frames) this.#socket.send(frame)
  }

  #tick(due: number): void {
    const { clock, timeoutMs } = this.#parts
    const now = clock.now()
    const { pingMs, pongMs } = this.#welcome?.limits ?? defaultLimits
    if (now - due > sleptMs) this.probe()
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
    this.#timer = clock.after(delayMs, () => this.#tick(now + delayMs))
  }

  #expire(now: number): void {
    for (const [ref, { deadline, done }] of this.#calls) {
      if (deadline > now) return
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
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const { done } of calls) done({ failed: 'DISCONNECTED' })
  }
}
