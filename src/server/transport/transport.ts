import type { TextFrame } from './text-frame.ts'

/**
 * A pipe of frames to one peer, with backpressure. Handlers are shared by all pipes of a listener and get the session that the pipe
 * was made for: a connection costs no closure.
 */
export interface Transport {
  /** Sends one text frame. Its bytes may be shared with other pipes and must not change. */
  send(frame: TextFrame): void
  /** Sends binary frames, in one write. */
  sendBinary(frames: readonly Uint8Array[]): void
  /** Asks for a sign of life that the peer's WebSocket gives by itself (RFC 6455 section 5.5.2). */
  ping(): void
  /** Bytes taken by `send` that the operating system has not taken yet. */
  readonly bufferedBytes: number
  /** Bytes that the operating system has taken, since the beginning. */
  readonly sentBytes: number
  /** The address of the peer, where there is one. */
  readonly remoteAddress?: string | undefined
  /** Stops reading; what the peer sends waits in its own machine. */
  pause(): void
  resume(): void
  /** Closes with a code and a reason of up to 123 bytes; a peer that does not answer is cut off soon after. */
  close(code: number, reason: string): void
  /** Cuts the peer off at once. */
  terminate(): void
}

export interface TransportHandlers<Session> {
  frame(session: Session, frame: Buffer, isText: boolean): void
  /**
   * Announces a large message before it is read, with its known size in bytes. Returns the largest
   * accepted size; a larger message closes the pipe with 1009, unless the session already closed
   * it. The pipe may be paused to delay reading.
   */
  announced?(session: Session, bytes: number, isText: boolean): number
  /** `bytes` of an announced message have arrived so far. */
  arrived?(session: Session, bytes: number): void
  /** The peer answered a ping. */
  pong?(session: Session): void
  /**
   * Called when handling a frame, a pong or the close threw. The pipe is being closed with 1011.
   */
  failed(session: Session, error: unknown): void
  /** Called once, after which the pipe is dead. `code` as in RFC 6455 section 7.4. */
  closed(session: Session, code: number): void
}
