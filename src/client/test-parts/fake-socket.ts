import type { Command, ServerMessage } from '../../protocol/message.ts'
import type { WebSocketConstructor, WebSocketLike } from '../web-socket.ts'

type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>

/** A socket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  readonly url: string
  /** What the client offers, and what the server took up. */
  readonly offered: readonly string[]
  protocol = ''
  readyState = 0
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  /** Frames the client sent, decoded. */
  readonly frames: Command[][] = []
  closedWith: number | undefined
  /** Called for every frame; a fake server hooks in here. */
  heard: ((commands: readonly Command[]) => void) | undefined

  constructor(url: string, protocols: readonly string[] = []) {
    this.url = url
    this.offered = protocols
  }

  send(text: string): void {
    const value = JSON.parse(text) as Command | Command[]
    const commands = Array.isArray(value) ? value : [value]
    this.frames.push(commands)
    this.heard?.(commands)
  }

  close(code?: number): void {
    this.readyState = 3
    this.closedWith = code
  }

  /** What the client sent of one type, in order. */
  sent<Type extends Command['type']>(type: Type): CommandOf<Type>[] {
    return this.frames.flat().filter((one): one is CommandOf<Type> => one.type === type)
  }

  /** Upgrades, and takes up a subprotocol or none. */
  open(protocol = ''): void {
    this.readyState = 1
    this.protocol = protocol
    this.onopen?.({} as never)
  }

  /** Says something to the client, all in one frame. */
  say(...messages: readonly ServerMessage[]): void {
    if (this.readyState !== 1) return
    const data = JSON.stringify(messages.length === 1 ? messages[0] : messages)
    this.onmessage?.({ data } as never)
  }

  sayText(data: unknown): void {
    this.onmessage?.({ data } as never)
  }

  /** Ends the connection from the other side. */
  drop(code = 1006, reason = ''): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code, reason } as never)
  }
}

/** Sockets as the client opens them, newest last. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = []
  readonly webSocket: WebSocketConstructor
  /** Called for every new socket. */
  opened: ((socket: FakeSocket) => void) | undefined

  constructor() {
    const network = this
    this.webSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols)
        network.sockets.push(this)
        network.opened?.(this)
      }
    }
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }
}
