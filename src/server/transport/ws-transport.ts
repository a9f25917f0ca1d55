import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Limits } from '../../protocol/index.ts'
import type { Transport, TransportHandlers } from './transport.ts'

const sessionOf = Symbol('session')
const handlersOf = Symbol('handlers')

/** A socket with what its shared handlers need. */
interface OwnedSocket extends WebSocket {
  [sessionOf]: unknown
  [handlersOf]: TransportHandlers<unknown>
}

/** Frames of a message that a peer sends in pieces, and pieces of a frame; see ws on what unbounded ones cost. */
const fragmentsMax = 1_024
const bufferedChunksMax = 4_096
/** How long a peer may take to answer a close, in milliseconds. */
const closeMs = 5_000

export interface WsListener<Session> {
  /** Answers an upgrade request whose path and origin were accepted. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly handlers: TransportHandlers<Session>
}

/**
 * Speaks RFC 6455 through `ws`. Compression is never negotiated: it costs a connection more than twenty times the memory.
 * `open` makes the session of a new pipe.
 */
export function createWsListener<Session>(
  limits: Pick<Limits, 'frameBytesMax'>,
  handlers: TransportHandlers<Session>,
  open: (transport: Transport, request: IncomingMessage) => Session,
): WsListener<Session> {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    maxFragments: fragmentsMax,
    maxBufferedChunks: bufferedChunksMax,
    closeTimeout: closeMs,
    // An offered subprotocol is not echoed: it may be somebody's token.
    handleProtocols: () => false as const,
  }
  const server = new WebSocketServer(options)

  return {
    handlers,
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (ws) => {
        const owned = ws as OwnedSocket
        owned[sessionOf] = open(new WsTransport(ws), request)
        // Sound: the session and its handlers come from the same caller.
        owned[handlersOf] = handlers as TransportHandlers<unknown>
        ws.on('message', socketOnMessage)
        if (handlers.pong !== undefined) ws.on('pong', socketOnPong)
        ws.on('close', socketOnClose)
        ws.on('error', socketOnError)
      })
    },
  }
}

class WsTransport implements Transport {
  readonly #ws: WebSocket

  constructor(ws: WebSocket) {
    this.#ws = ws
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount
  }

  get sentBytes(): number {
    const socket = this.#ws as unknown as { readonly _socket?: { readonly bytesWritten: number } }
    return (socket._socket?.bytesWritten ?? 0) - this.#ws.bufferedAmount
  }

  send(frame: Buffer): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(frame, { binary: false })
  }

  sendBinary(frames: readonly Uint8Array[]): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const { _socket: socket } = this.#ws as unknown as { readonly _socket?: Duplex }
    socket?.cork()
    for (const frame of frames) this.#ws.send(frame, { binary: true })
    socket?.uncork()
  }

  ping(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.ping()
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(code: number, reason: string): void {
    this.#ws.resume()
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }
}

function socketOnMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const owned = this as OwnedSocket
  // ws gives one Buffer unless another binaryType was chosen, and none was.
  owned[handlersOf].frame(owned[sessionOf], data as Buffer, !isBinary)
}

function socketOnPong(this: WebSocket): void {
  const owned = this as OwnedSocket
  owned[handlersOf].pong?.(owned[sessionOf])
}

function socketOnClose(this: WebSocket, code: number): void {
  const owned = this as OwnedSocket
  owned[handlersOf].closed(owned[sessionOf], code)
}

/** ws has answered the peer's fault with the close code it deserves; `close` follows and tells the session. */
function socketOnError(this: WebSocket): void {
  this.resume()
}
