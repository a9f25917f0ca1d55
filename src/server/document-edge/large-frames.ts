import type { Limits } from '../../protocol/index.ts'
import { type DocumentSocket, settleReading } from './document-socket.ts'

/** Time that a large frame may wait for room or for its sender's admission, in milliseconds. */
const waitMs = 60_000
/**
 * Time that it may then take to come in: so much, and as long as it takes at so many bytes a
 * millisecond.
 */
const readMs = 30_000
const bytesPerMs = 32

interface LargeFramesParts {
  readonly limits: Pick<Limits, 'documentFrameBytesMax' | 'documentInFlightBytesMax'>
  readonly nowMs: () => number
  /** A frame is larger than any that is read: its sender is to be told, and sent away. */
  readonly oversize: (socket: DocumentSocket, bytes: number) => void
  /** The time by which it must have come in has changed. */
  readonly rearm: (socket: DocumentSocket) => void
}

/**
 * Frames of documents too large to be taken from everybody at once. Room for one is reserved before
 * its content is read and given back when its update is answered; while there is none, or while it
 * is not known who sends it, nothing is read from its connection. So what all peers together can
 * make this process hold is bounded, and a stranger gets none of it.
 */
export class LargeFrames {
  readonly #parts: LargeFramesParts
  readonly #waiting = new Set<DocumentSocket>()
  #left: number

  constructor(parts: LargeFramesParts) {
    this.#parts = parts
    this.#left = parts.limits.documentInFlightBytesMax
  }

  /** A large message begins, or goes on in another frame. Gives the largest size that is taken. */
  announced(socket: DocumentSocket, bytes: number): number {
    const { documentFrameBytesMax: bytesMax } = this.#parts.limits
    if (socket.state === 'closed') return 0
    if (bytes > bytesMax) {
      this.#parts.oversize(socket, bytes)
      return bytesMax
    }
    socket.largeWanted = bytes
    if (!this.#reserve(socket)) {
      socket.largeByMs = this.#parts.nowMs() + waitMs
      this.#waiting.add(socket)
      settleReading(socket)
    }
    this.#parts.rearm(socket)
    return bytesMax
  }

  /** The message has come in whole. Gives the bytes reserved for it; `done` gives them back. */
  taken(socket: DocumentSocket): number {
    const { largeBytes } = socket
    socket.largeWanted = 0
    socket.largeBytes = 0
    socket.largeByMs = 0
    return largeBytes
  }

  done(bytes: number): void {
    this.#left += bytes
    this.#admitWaiting()
  }

  /** It is known now who is on the connection. */
  admitted(socket: DocumentSocket): void {
    if (this.#waiting.has(socket)) this.#admitWaiting()
  }

  /** The connection is gone. */
  gone(socket: DocumentSocket): void {
    this.#waiting.delete(socket)
    const held = this.taken(socket)
    if (held > 0) this.done(held)
  }

  #reserve(socket: DocumentSocket): boolean {
    const more = socket.largeWanted - socket.largeBytes
    if (more > this.#left || !isKnown(socket)) return false
    this.#left -= more
    socket.largeBytes = socket.largeWanted
    socket.largeByMs = this.#parts.nowMs() + readMs + socket.largeWanted / bytesPerMs
    return true
  }

  /** Those who wait for room come in their order; one who is not known yet holds nobody up. */
  #admitWaiting(): void {
    for (const socket of this.#waiting) {
      if (this.#reserve(socket)) {
        this.#waiting.delete(socket)
        settleReading(socket)
        this.#parts.rearm(socket)
      } else if (isKnown(socket)) return
    }
  }
}

function isKnown({ places }: DocumentSocket): boolean {
  for (const { state } of places.values()) if (state === 'open') return true
  return false
}
