import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A TCP proxy that can cut its connections to simulate a lost network. This works the same for
 * every browser. Each proxy has its own port and therefore its own origin: users of one browser
 * who come through different proxies share no storage.
 */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) return near.resetAndDestroy()
      const far = connect(targetPort, '127.0.0.1')
      this.#join(near, far)
      this.#join(far, near)
    })
  }

  static async open(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Closes all connections and resets new ones until `resume`. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  resume(): void {
    this.#isCut = false
  }

  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.pipe(to)
    // After an error comes 'close', which closes the other side too.
    from.on('error', () => {})
    from.once('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
