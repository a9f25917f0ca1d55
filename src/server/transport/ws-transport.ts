import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { earlyFrameOf, type Limits, subprotocol } from '../../protocol/index.ts'
import { createAnnouncing } from './announcing-receiver.ts'
import type { TextFrame } from './text-frame.ts'
import type { Transport, TransportHandlers } from './transport.ts'

/** Frozen, so that whoever adds a listener after all finds out. */
const noListeners: object = Object.freeze(Object.create(null))
const noExtensions: object = Object.freeze({})

/**
 * A socket with what its shared handlers need. ws tells what happens by `emit`; taking it there spares each connection the
 * listeners, which are a tenth of what it weighs.
 */
class OwnedSocket extends WebSocket {
  session: unknown
  handlers: TransportHandlers<unknown> | undefined
  // Node and ws make one of each for every socket, and they stay empty here: 240 bytes of a session.
  readonly _events = noListeners
  readonly _extensions = noExtensions

  override emit(event: string | symbol, ...about: unknown[]): boolean {
    const { handlers, session } = this
    if (handlers === undefined) return super.emit(event, ...about)
    try {
      return this.#hand(handlers, event, about)
    } catch (error) {
      handlers.failed(session, error)
      this.close(1011, 'internal server error')
      answerUpgrade(this)
      return true
    }
  }

  #hand(
    handlers: TransportHandlers<unknown>,
    event: string | symbol,
    about: readonly unknown[],
  ): boolean {
    const { session } = this
    switch (event) {
      case 'message':
        // ws gives one Buffer unless another binaryType was chosen, and none was.
        handlers.frame(session, about[0] as Buffer, about[1] !== true)
        return true
      case 'pong':
        handlers.pong?.(session)
        return true
      case 'close':
        handlers.closed(session, about[0] as number)
        return true
      case 'error':
        // ws has answered the peer's fault with the close code it deserves; `close` follows and tells the session.
        this.resume()
        answerUpgrade(this)
        return true
      default:
        return super.emit(event, ...about)
    }
  }
}

/** What lies below `send` in ws. Its sender is idle but for a Blob or a compressed message, and neither is ever sent here. */
interface Below {
  readonly _socket: Duplex | undefined
  readonly _sender: { readonly _state: number } | undefined
}

const senderIdle = 0

/** Writes the answer to an upgrade that has waited, with all that was said since. */
function answerUpgrade(ws: WebSocket): void {
  ;(ws as unknown as Below)._socket?.uncork()
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
 * Speaks RFC 6455 through `ws`. A message of more than `frameBytesMax` bytes is announced to the
 * handlers, or refused where they take none. Compression is never negotiated: it costs a connection
 * more than twenty times the memory. `open` makes the session of a new pipe. Where the pipe
 * `takesEarly`, a first frame can come with the upgrade; what the server then says first goes out
 * in one write with the answer to the upgrade, which waits for it.
 */
export function createWsListener<Session>(
  limits: Pick<Limits, 'frameBytesMax'>,
  handlers: TransportHandlers<Session>,
  open: (transport: Transport, request: IncomingMessage) => Session,
  takesEarly: boolean,
): WsListener<Session> {
  /** Of the upgrade that is being answered; ws answers it before it returns. */
  let early: string | undefined
  const options = {
    noServer: true,
    WebSocket: OwnedSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    maxFragments: fragmentsMax,
    maxBufferedChunks: bufferedChunksMax,
    closeTimeout: closeMs,
    // Any other subprotocol is not echoed: it may be somebody's token.
    handleProtocols: () => (early === undefined ? (false as const) : subprotocol),
  }
  const server = new WebSocketServer(options)
  const hasAnnounce = handlers.announced !== undefined
  const announcing = createAnnouncing<OwnedSocket>(limits.frameBytesMax, announced, arrived)

  function announced(ws: OwnedSocket, bytes: number, isText: boolean): number {
    const session = ws.session as Session
    try {
      return handlers.announced?.(session, bytes, isText) ?? limits.frameBytesMax
    } catch (error) {
      handlers.failed(session, error)
      return limits.frameBytesMax
    }
  }

  function arrived(ws: OwnedSocket, bytes: number): void {
    const session = ws.session as Session
    try {
      handlers.arrived?.(session, bytes)
    } catch (error) {
      handlers.failed(session, error)
    }
  }

  return {
    handlers,
    upgrade(request, socket, head) {
      early = takesEarly ? earlyFrameOf(request.headers['sec-websocket-protocol']) : undefined
      if (early !== undefined) socket.cork()
      server.handleUpgrade(request, socket, head, (ws) => {
        if (hasAnnounce) announcing(ws)
        const session = open(new WsTransport(ws), request)
        ws.session = session
        // Sound: the session and its handlers come from the same caller.
        ws.handlers = handlers as TransportHandlers<unknown>
        if (early !== undefined) ws.emit('message', Buffer.from(early), false)
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

  get remoteAddress(): string | undefined {
    const socket = this.#ws as unknown as { readonly _socket?: { readonly remoteAddress?: string } }
    return socket._socket?.remoteAddress
  }

  send({ bytes, headBytes }: TextFrame): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const { _socket: socket, _sender: sender } = this.#ws as unknown as Below
    // Below `send` is one write of one piece, where ws gathers two; what the peer gets is the same to the byte.
    if (socket !== undefined && sender?._state === senderIdle) socket.write(bytes)
    else this.#ws.send(bytes.subarray(headBytes), { binary: false })
    answerUpgrade(this.#ws)
  }

  sendBinary(frames: readonly Uint8Array[]): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const { _socket: socket } = this.#ws as unknown as Below
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
    answerUpgrade(this.#ws)
  }

  terminate(): void {
    this.#ws.terminate()
  }
}
