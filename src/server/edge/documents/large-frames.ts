import type { Limits } from '../../../protocol/index.ts'
import {
  type DocumentConnection,
  type LargeFrame,
  mayRead,
  settleReading,
} from './document-connection.ts'

/** Times and sizes of large frames that no peer can change: milliseconds and bytes. */
export const largeFrameBounds = {
  /** How often the pace of every large frame is checked. */
  turnMs: 1_000,
  /** A frame reserves this much at first, and each time it has used up what it reserved. */
  stepBytes: 128 * 1024,
  /** It reserves more as soon as less than one read of a socket is left. */
  aheadBytes: 64 * 1024,
  /** The largest frame of a connection that may only read: the deletions of a large document. */
  readerBytesMax: 1024 * 1024,
  /** How long a frame may wait until its sender is admitted. */
  senderMs: 60_000,
  /** The window over which the pace of a frame is measured. */
  windowMs: 10_000,
  /** Frames that bring less in a window may be ended while others wait for room. */
  slowBytes: 320 * 1024,
  /** Frames that bring less in this many windows in a row are ended in any case. */
  stalledBytes: 10 * 1024,
  stalledWindows: 3,
} as const

export interface LargeFramesContext {
  readonly limits: Pick<Limits, 'documentFrameBytesMax' | 'documentInFlightBytesMax'>
  readonly bounds: Readonly<Record<keyof typeof largeFrameBounds, number>>
  readonly nowMs: () => number
  /** Whose share of the room a frame counts towards. */
  readonly keyOf: (socket: DocumentConnection) => string
  /** A frame is larger than any that is read. Must close the connection. */
  readonly oversize: (socket: DocumentConnection, bytes: number) => void
  /** A connection that may only read sends a large frame. Must close the connection. */
  readonly readOnly: (socket: DocumentConnection, bytes: number) => void
  /** A frame came in too slowly. Must close the connection. */
  readonly slow: (socket: DocumentConnection, frame: LargeFrame) => void
  /** The sender of a frame was not admitted in time. Must close the connection. */
  readonly unadmitted: (socket: DocumentConnection) => void
}

/**
 * Limits the memory of large document frames, which cannot be read from all clients at once.
 *
 * A frame reserves memory in steps as its content arrives, and gives it back when its update is
 * answered. A frame that cannot reserve the next step waits: nothing more is read from its
 * connection. One frame at a time, the express frame, has the rest of its content reserved apart,
 * so that some frame can always be completed. All others share what remains, and one user has half
 * of that at most. A frame that arrives too slowly is ended, so that no other frame starves.
 */
export class LargeFrames {
  readonly #parts: LargeFramesContext
  readonly #reading = new Set<DocumentConnection>()
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<DocumentConnection>()
  /** Bytes reserved by user, without those of the express frame. */
  readonly #heldBy = new Map<string, number>()
  readonly #shareBytes: number
  #express: LargeFrame | undefined
  #left: number

  constructor(parts: LargeFramesContext) {
    const { documentFrameBytesMax, documentInFlightBytesMax } = parts.limits
    this.#parts = parts
    this.#left = Math.max(0, documentInFlightBytesMax - documentFrameBytesMax)
    this.#shareBytes = this.#left / 2
  }

  /**
   * A large message begins, or goes on in another frame. `bytes` is the size of the message so far.
   * Returns the largest size that is accepted.
   */
  announced(socket: DocumentConnection, bytes: number): number {
    const { documentFrameBytesMax: bytesMax } = this.#parts.limits
    if (socket.state === 'closed') return nothing
    if (bytes > bytesMax) {
      this.#parts.oversize(socket, bytes)
      return bytesMax
    }
    const frame = socket.large ?? this.#begin(socket)
    // The frames of the message before this one have arrived.
    frame.received = Math.max(frame.received, frame.wanted)
    frame.wanted = bytes
    this.#advance(socket, frame)
    return socket.large === frame ? bytesMax : nothing
  }

  /** `bytes` of the message have arrived so far. */
  arrived(socket: DocumentConnection, bytes: number): void {
    const { large: frame } = socket
    // Its peer goes on after the close, and nothing is reserved for that.
    if (socket.state === 'closed') return socket.transport.terminate()
    if (frame === undefined) return
    frame.received = Math.max(frame.received, bytes)
    this.#advance(socket, frame)
  }

  /** The message is complete. The caller that keeps it calls `done` with the result. */
  taken(socket: DocumentConnection): LargeFrame | undefined {
    const { large: frame } = socket
    socket.large = undefined
    this.#reading.delete(socket)
    this.#waiting.delete(socket)
    // The last read may have brought more than was reserved.
    if (frame !== undefined && frame !== this.#express) this.#hold(frame, frame.wanted - frame.held)
    return frame
  }

  /** The memory of a message is free again. */
  done(frame: LargeFrame): void {
    this.#hold(frame, -frame.held)
    if (this.#express === frame) this.#express = undefined
    this.#admitWaiting()
  }

  /** What is known about who is on the connection has changed. */
  admitted(socket: DocumentConnection): void {
    if (this.#waiting.has(socket)) this.#admitWaiting()
  }

  /** The connection is closed. */
  gone(socket: DocumentConnection): void {
    const { large: frame } = socket
    socket.large = undefined
    this.#reading.delete(socket)
    this.#waiting.delete(socket)
    if (frame !== undefined) this.done(frame)
  }

  /** Checks the pace of every frame. Called every `turnMs`. */
  turn(): void {
    const nowMs = this.#parts.nowMs()
    for (const socket of [...this.#reading]) {
      if (socket.large !== undefined) this.#measure(socket, socket.large, nowMs)
    }
    for (;;) {
      const slowest = this.#slowestInTheWay()
      if (slowest?.large === undefined) return
      this.#end(slowest, slowest.large)
    }
  }

  #begin(socket: DocumentConnection): LargeFrame {
    const nowMs = this.#parts.nowMs()
    const frame: LargeFrame = {
      wanted: 0,
      received: 0,
      held: 0,
      key: undefined,
      waitsFor: 'nothing',
      markMs: nowMs,
      markBytes: 0,
      paceBytes: Number.POSITIVE_INFINITY,
      stalledWindows: 0,
    }
    socket.large = frame
    this.#reading.add(socket)
    return frame
  }

  /** Reserves what comes next, or has the frame wait for it. */
  #advance(socket: DocumentConnection, frame: LargeFrame): void {
    if (frame.waitsFor !== 'nothing') return
    const waitsFor = this.#reserve(socket, frame)
    if (waitsFor === 'nothing' || socket.large !== frame) return
    frame.waitsFor = waitsFor
    frame.markMs = this.#parts.nowMs()
    this.#waiting.add(socket)
    settleReading(socket)
  }

  #reserve(socket: DocumentConnection, frame: LargeFrame): LargeFrame['waitsFor'] {
    const need = this.#need(frame)
    if (need === 0) return 'nothing'
    const sender = senderOn(socket)
    if (sender === 'unknown') return 'sender'
    if (sender === 'reader' && frame.wanted > this.#parts.bounds.readerBytesMax) {
      this.#parts.readOnly(socket, frame.wanted)
      return 'nothing'
    }
    frame.key ??= this.#parts.keyOf(socket)
    if (need <= this.#left && need <= this.#shareLeft(frame)) {
      this.#hold(frame, need)
      return 'nothing'
    }
    if (this.#express !== undefined) return 'room'
    this.#express = frame
    return 'nothing'
  }

  /** Bytes that must be reserved before more is read. */
  #need(frame: LargeFrame): number {
    const { stepBytes, aheadBytes } = this.#parts.bounds
    const { wanted, received, held } = frame
    const isEnough = held > 0 && Math.min(wanted, received + aheadBytes) <= held
    if (frame === this.#express || isEnough) return 0
    return Math.min(wanted, Math.max(held + stepBytes, received + aheadBytes)) - held
  }

  #shareLeft({ key = '' }: LargeFrame): number {
    return this.#shareBytes - (this.#heldBy.get(key) ?? 0)
  }

  #hold(frame: LargeFrame, bytes: number): void {
    const { key = '' } = frame
    frame.held += bytes
    this.#left -= bytes
    const held = (this.#heldBy.get(key) ?? 0) + bytes
    if (held === 0) this.#heldBy.delete(key)
    else this.#heldBy.set(key, held)
  }

  /** Whether its user has reserved memory for nothing else. */
  #isOnly(socket: DocumentConnection, frame: LargeFrame): boolean {
    const key = frame.key ?? this.#parts.keyOf(socket)
    if (this.#express?.key === key && this.#express !== frame) return false
    return (this.#heldBy.get(key) ?? 0) <= frame.held
  }

  /** Users who have no other large message in flight come first, then the others; each in order. */
  #admitWaiting(): void {
    for (const socket of [...this.#waiting]) {
      if (socket.large !== undefined && this.#isOnly(socket, socket.large)) this.#retry(socket)
    }
    for (const socket of [...this.#waiting]) this.#retry(socket)
  }

  #retry(socket: DocumentConnection): void {
    const { large: frame } = socket
    if (frame === undefined || !this.#waiting.has(socket)) return
    const waitsFor = this.#reserve(socket, frame)
    if (socket.large !== frame) return
    if (waitsFor !== frame.waitsFor) restart(frame, this.#parts.nowMs())
    frame.waitsFor = waitsFor
    if (waitsFor !== 'nothing') return
    this.#waiting.delete(socket)
    settleReading(socket)
  }

  #measure(socket: DocumentConnection, frame: LargeFrame, nowMs: number): void {
    const { windowMs, senderMs, stalledBytes, stalledWindows } = this.#parts.bounds
    if (frame.waitsFor === 'sender') {
      if (nowMs - frame.markMs >= senderMs) this.#parts.unadmitted(socket)
      return
    }
    // Nothing is read from it now, which is not the fault of its sender.
    if (!mayRead(socket)) return restart(frame, nowMs)
    if (nowMs - frame.markMs < windowMs) return
    const paceBytes = frame.received - frame.markBytes
    frame.paceBytes = paceBytes
    frame.markMs = nowMs
    frame.markBytes = frame.received
    frame.stalledWindows = paceBytes < stalledBytes ? frame.stalledWindows + 1 : 0
    if (frame.stalledWindows >= stalledWindows) this.#end(socket, frame)
  }

  /** The slowest frame whose end would give room to one that waits. */
  #slowestInTheWay(): DocumentConnection | undefined {
    const keys = new Set<string>()
    let isRoomShort = false
    for (const socket of this.#waiting) {
      const { large: frame } = socket
      if (frame?.waitsFor !== 'room') continue
      if (frame.key !== undefined) keys.add(frame.key)
      isRoomShort ||= this.#isOnly(socket, frame) || this.#need(frame) > this.#left
    }
    if (keys.size === 0) return undefined
    let slowest: DocumentConnection | undefined
    let slowestBytes: number = this.#parts.bounds.slowBytes
    for (const socket of this.#reading) {
      const { large: frame } = socket
      if (frame === undefined || frame.waitsFor !== 'nothing') continue
      const isInTheWay = isRoomShort || frame === this.#express || keys.has(frame.key ?? '')
      if (!isInTheWay || frame.paceBytes >= slowestBytes) continue
      slowest = socket
      slowestBytes = frame.paceBytes
    }
    return slowest
  }

  #end(socket: DocumentConnection, frame: LargeFrame): void {
    this.#parts.slow(socket, frame)
    // Whatever the above did, the frame must not be found again.
    if (socket.large === frame) this.gone(socket)
  }
}

/** The size of a message of which nothing is read; 0 would mean any size. */
const nothing = 1

/** Measures the pace from now on. */
function restart(frame: LargeFrame, nowMs: number): void {
  frame.markMs = nowMs
  frame.markBytes = frame.received
  frame.paceBytes = Number.POSITIVE_INFINITY
  frame.stalledWindows = 0
}

/** What the sender of a frame may do; unknown while it may turn out that it may write. */
function senderOn({ places }: DocumentConnection): 'unknown' | 'reader' | 'writer' {
  let reads = false
  let isPending = false
  for (const { state, mayWrite } of places.values()) {
    if (state === 'open' && mayWrite) return 'writer'
    if (state === 'open') reads = true
    else if (state !== 'ended') isPending = true
  }
  return reads && !isPending ? 'reader' : 'unknown'
}
