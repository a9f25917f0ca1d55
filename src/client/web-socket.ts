import { connectPath } from '../protocol/version.ts'
import { ClientError } from './client-error.ts'

/** What the client needs of a WebSocket: those of browsers, React Native and Node all have it. */
export interface WebSocketLike {
  readonly readyState: number
  /** The subprotocol that the server took up. */
  readonly protocol?: string
  binaryType?: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(content: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike

/** One connection to the server, not yet a session. */
export interface Socket {
  send(text: string): void
  /** Sends a binary frame. */
  sendBytes(bytes: Uint8Array): void
  /** Closes; none of the handlers is called from here on. */
  close(code: number, reason: string): void
}

export interface SocketHandlers {
  /** The server has taken up this subprotocol, of those that were offered. */
  opened(protocol: string | undefined): void
  /** Undefined stands for a frame that is neither text nor bytes. */
  received(text: string | undefined): void
  /** A binary frame came. */
  receivedBytes(bytes: Uint8Array): void
  closed(code: number, reason: string): void
}

/** Opens a socket. Failing to open is a close, too: there is one way to end. */
export function openSocket(
  url: string,
  handlers: SocketHandlers,
  WebSocketClass: WebSocketConstructor,
  protocols?: readonly string[],
): Socket {
  let socket: WebSocketLike
  try {
    socket =
      protocols === undefined ? new WebSocketClass(url) : new WebSocketClass(url, [...protocols])
  } catch (error) {
    queueMicrotask(() => handlers.closed(1006, String(error)))
    return { send() {}, sendBytes() {}, close() {} }
  }
  const detach = () => {
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    // An error is followed by a close that nobody hears; without a listener, some runtimes throw it.
    socket.onerror = () => {}
  }
  socket.onopen = () => handlers.opened(socket.protocol)
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (data instanceof ArrayBuffer) handlers.receivedBytes(new Uint8Array(data))
    else handlers.received(typeof data === 'string' ? data : undefined)
  }
  socket.onerror = () => {}
  socket.onclose = (event: { code?: number; reason?: string }) => {
    detach()
    handlers.closed(event.code ?? 1006, event.reason ?? '')
  }
  return {
    send(text) {
      if (socket.readyState === 1) socket.send(text)
    },
    sendBytes(bytes) {
      // A copy, where the bytes are part of something larger or shared.
      if (socket.readyState === 1) socket.send(new Uint8Array(bytes))
    },
    close(code, reason) {
      detach()
      socket.close(code, reason)
    },
  }
}

/** The WebSocket URL that an http(s) or ws(s) URL stands for. Without a path, the server's own is taken. */
export function socketUrl(url: string): string {
  const match = /^(http|ws)(s?):\/\/([^/?#]+)([^?#]*)(\?[^#]*)?/i.exec(url)
  if (match === null) {
    throw new ClientError('BAD_URL', `not an http(s) or ws(s) URL: ${url}`)
  }
  const [, , secure = '', host = '', path = '', query = ''] = match
  const served = path === '' || path === '/' ? connectPath : path
  return `ws${secure.toLowerCase()}://${host}${served}${query}`
}
