import { WebSocket } from 'ws'

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** Commands and their results over WebDriver BiDi. Events are ignored. */
export class BiDiConnection {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#received(String(data)))
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'))
      this.#waiting.clear()
    })
  }

  static open(url: string): Promise<BiDiConnection> {
    const socket = new WebSocket(url)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new BiDiConnection(socket)))
      socket.once('error', reject)
    })
  }

  /** Rejects with the browser's error. */
  call<Result>(method: string, params: object): Promise<Result> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #received(text: string): void {
    const { id, type, result } = JSON.parse(text)
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    if (type === 'success') waiting.resolve(result as never)
    else waiting.reject(new Error(`WebDriver BiDi: ${text}`))
  }
}
