import type { Limits } from '../../protocol/index.ts'
import { type DocumentSocket, settleReading } from './document-socket.ts'

/** How long a large frame may wait for memory or for authentication, in milliseconds. */
const waitMs = 60_000
/**
 * How long it may then take to arrive, in milliseconds, in addition to the time that its bytes take
 * at the minimum rate.
 */
const readMs = 30_000
const bytesPerMs = 32

interface LargeFramesParts {
  readonly limits: Pick<Limits, 'documentFrameBytesMax' | 'documentInFlightBytesMax'>
  readonly nowMs: () => number
  /** Called when a frame exceeds the limit; must refuse it and close the connection. */
  readonly oversize: (socket: DocumentSocket, bytes: number) => void
  /** Called when the deadline of the frame has changed. */
  readonly rearm: (socket: DocumentSocket) => void
}

/**
 * Admission of large document frames against a memory budget. Memory is reserved before the content
 * of a frame is read and released when its update is answered. Until there is room and the sender
 * is authenticated, its connection is not read. This bounds the memory that all peers together can
 * occupy; unauthenticated peers get none.
 */
export class LargeFrames {
  readonly #parts: LargeFramesParts
  readonly #waiting = new Set<DocumentSocket>()
  #left: number

  constructor(parts: LargeFramesParts) {
    this.#parts = parts
    this.#left = parts.limits.documentInFlightBytesMax
  }

  /**
   * A large message starts or continues in another frame. Returns the largest accepted size, in
   * bytes.
   */
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

  /** The message is complete. Returns the bytes reserved for it; release them with `done`. */
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

  /** The connection is now authenticated. */
  admitted(socket: DocumentSocket): void {
    if (this.#waiting.has(socket)) this.#admitWaiting()
  }

  /** The connection is closed. */
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

  /** Admits waiting frames in order and skips unauthenticated senders. */
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
