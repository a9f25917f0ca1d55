import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A network cable in front of a server, which can be pulled: it works the same for every browser.
 * It is an origin of its own, so that people at different gates share no storage of the browser.
 */
export class TcpGate {
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

  static async open(targetPort: number): Promise<TcpGate> {
    const gate = new TcpGate(targetPort)
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve))
    return gate
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks all connections, and refuses new ones until `resume`. */
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
    // One that is broken ends the other; whoever spoke through them notices.
    from.on('error', () => {})
    from.once('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
