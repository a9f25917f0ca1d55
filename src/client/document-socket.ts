/** What a Yjs provider needs of a WebSocket, over the connection of a client. */
export interface DocumentSocket {
  readonly readyState: number
  binaryType: string
  addEventListener(name: string, listener: (event: never) => void): void
  removeEventListener(name: string, listener: (event: never) => void): void
  send(bytes: Uint8Array | ArrayBuffer): void
  close(): void
}

export type DocumentSocketConstructor = new (url?: string) => DocumentSocket

type Listener = (event: never) => void

/** A frame without a byte: the documents of the connection are left, and the connection stays. */
const leave = new Uint8Array(0)

/** `readyState` as WebSockets have it. */
const states = { connecting: 0, open: 1, closed: 3 } as const

/**
 * The binary half of a client's connection: documents, in the frames of Hocuspocus clients. One socket at a time is on it; it opens when
 * the session is live, and is closed with it, so that a provider comes back as it would on a connection of its own.
 */
export class DocumentPipe {
  readonly #send: (bytes: Uint8Array) => void
  #live = false
  #socket: PipedSocket | undefined

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send
  }

  /** A class to hand to a provider as its `WebSocketPolyfill`. */
  socketClass(): DocumentSocketConstructor {
    const pipe = this
    return class extends PipedSocket {
      constructor() {
        super(pipe)
        pipe.attach(this)
      }
    }
  }

  /** The session is live. */
  opened(): void {
    this.#live = true
    this.#socket?.opened()
  }

  received(bytes: Uint8Array): void {
    this.#socket?.received(bytes)
  }

  /** The session is gone. */
  ended(): void {
    this.#live = false
    const socket = this.#socket
    this.#socket = undefined
    socket?.ended()
  }

  attach(socket: PipedSocket): void {
    const before = this.#socket
    this.#socket = socket
    if (before !== undefined) this.#leave()
    before?.ended()
    // Whoever makes a socket has no listener on it yet.
    queueMicrotask(() => {
      if (this.#live && this.#socket === socket) socket.opened()
    })
  }

  send(socket: PipedSocket, bytes: Uint8Array): void {
    if (this.#socket === socket && this.#live) this.#send(bytes)
  }

  detach(socket: PipedSocket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#leave()
  }

  #leave(): void {
    if (this.#live) this.#send(leave)
  }
}

class PipedSocket implements DocumentSocket {
  readonly #pipe: DocumentPipe
  readonly #listeners = new Map<string, Set<Listener>>()
  readyState: number = states.connecting
  binaryType = 'arraybuffer'

  constructor(pipe: DocumentPipe) {
    this.#pipe = pipe
  }

  addEventListener(name: string, listener: Listener): void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
  }

  removeEventListener(name: string, listener: Listener): void {
    this.#listeners.get(name)?.delete(listener)
  }

  send(bytes: Uint8Array | ArrayBuffer): void {
    this.#pipe.send(this, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
  }

  close(): void {
    if (this.readyState === states.closed) return
    this.#pipe.detach(this)
    this.ended(1000)
  }

  opened(): void {
    if (this.readyState !== states.connecting) return
    this.readyState = states.open
    this.#emit('open', { type: 'open' })
  }

  received(bytes: Uint8Array): void {
    // A copy whose buffer is all its own: a provider reads the buffer from its beginning.
    this.#emit('message', { type: 'message', data: bytes.slice().buffer })
  }

  ended(code = 1006): void {
    if (this.readyState === states.closed) return
    this.readyState = states.closed
    this.#emit('close', { type: 'close', code, reason: '' })
  }

  #emit(name: string, event: object): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(event as never)
  }
}
