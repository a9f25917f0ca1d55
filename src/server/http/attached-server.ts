import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { RusherError } from '../../protocol/index.ts'
import { type HttpListener, isUpgrade, portOf } from './http-listener.ts'
import type { Upgrades } from './upgrades.ts'

/** Where an HTTP server has its attachment. */
const key = Symbol('rusher')

type Emit = (event: string | symbol, ...about: unknown[]) => boolean
type ShouldUpgrade = (request: IncomingMessage) => boolean

/** Parts of Node's server that its types leave out. */
interface ServerContext {
  emit: Emit
  /** Since Node 24.9 and 22.21: whether `upgrade` is emitted, or `request`. */
  shouldUpgradeCallback?: ShouldUpgrade
  [key]?: Attachment | undefined
}

/**
 * Takes upgrades at `paths` of an HTTP server that belongs to the embedding program, until `close`.
 * Everything else on that server is as without Rusher:
 *
 * - Other upgrade listeners get all other upgrades, and none of these. `ws` with `server` refuses
 *   each path but its own, and @fastify/websocket answers each unknown path with 404; two answers on
 *   one socket would break it. An event reaches all listeners, so `emit` is wrapped.
 * - Without other upgrade listeners, an upgrade at another path is an ordinary request, which the
 *   program answers. Older versions of Node cannot do that: there it gets 404.
 *
 * Throws CONFIG if another Rusher server on this HTTP server has one of the paths.
 */
export function attachTo(
  server: Server,
  paths: readonly string[],
  upgrades: Upgrades,
): HttpListener {
  const parts = server as unknown as ServerContext
  const attachment = parts[key] ?? new Attachment(server)
  attachment.add(upgrades, paths)
  return {
    server,
    pause: () => undefined,
    holdOff: () => undefined,
    listen: () => Promise.resolve(portOf(server) ?? 0),
    close: () => attachment.remove(upgrades),
  }
}

/** The Rusher servers on one HTTP server. The last one that leaves restores it. */
class Attachment {
  readonly #server: Server
  readonly #parts: ServerContext
  readonly #owners = new Set<Upgrades>()
  readonly #emitBefore: Emit
  readonly #hadOwnEmit: boolean
  readonly #shouldUpgradeBefore: ShouldUpgrade | undefined

  constructor(server: Server) {
    const parts = server as unknown as ServerContext
    this.#server = server
    this.#parts = parts
    this.#emitBefore = parts.emit
    this.#hadOwnEmit = Object.hasOwn(parts, 'emit')
    this.#shouldUpgradeBefore = parts.shouldUpgradeCallback
    parts[key] = this
    parts.emit = this.#emit
    if (this.#shouldUpgradeBefore !== undefined) parts.shouldUpgradeCallback = this.#shouldUpgrade
    server.prependListener('upgrade', this.#upgraded)
  }

  add(upgrades: Upgrades, paths: readonly string[]): void {
    const taken = paths.find((path) => this.#ownerOf({ url: path }) !== undefined)
    if (taken !== undefined) {
      throw new RusherError(
        'CONFIG',
        `another Rusher server on this httpServer has the path ${taken}: set \`path\` and \`documents.path\``,
      )
    }
    this.#owners.add(upgrades)
  }

  remove(upgrades: Upgrades): void {
    if (this.#owners.delete(upgrades) && this.#owners.size === 0) this.#restore()
  }

  #restore(): void {
    const parts = this.#parts
    parts[key] = undefined
    this.#server.off('upgrade', this.#upgraded)
    // Later wrappers still call these; without owners they change nothing.
    if (parts.emit === this.#emit) {
      if (this.#hadOwnEmit) parts.emit = this.#emitBefore
      else Reflect.deleteProperty(parts, 'emit')
    }
    if (this.#shouldUpgradeBefore === undefined) return
    if (parts.shouldUpgradeCallback === this.#shouldUpgrade) {
      parts.shouldUpgradeCallback = this.#shouldUpgradeBefore
    }
  }

  #ownerOf(request: Pick<IncomingMessage, 'url'>): Upgrades | undefined {
    for (const owner of this.#owners) if (owner.owns(request)) return owner
    return undefined
  }

  /** Whether the HTTP server has upgrade listeners of others. */
  #isShared(): boolean {
    return this.#server.listeners('upgrade').some((listener) => listener !== this.#upgraded)
  }

  #take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#ownerOf(request)?.take(request, socket, head) === true
  }

  readonly #emit: Emit = (event, ...about) => {
    if (event === 'upgrade' && this.#take(...(about as [IncomingMessage, Duplex, Buffer]))) {
      return true
    }
    return this.#emitBefore.call(this.#server, event, ...about)
  }

  readonly #shouldUpgrade: ShouldUpgrade = (request) => {
    if (this.#ownerOf(request) !== undefined) return isUpgrade(request)
    // Node's own answer is whether there are listeners, and ours is one.
    const isAsked = this.#owners.size === 0 || this.#isShared()
    return isAsked && this.#shouldUpgradeBefore?.call(this.#server, request) === true
  }

  /** Called for own paths only if other code kept a reference to the original `emit`. */
  readonly #upgraded = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#take(request, socket, head) || this.#isShared()) return
    const [first] = this.#owners
    if (first === undefined) socket.destroy()
    else first.refuseUnknown(request, socket)
  }
}

/** For a program that passes upgrades and requests itself. */
export const detached: HttpListener = {
  server: undefined,
  pause: () => undefined,
  holdOff: () => undefined,
  listen: () => Promise.resolve(0),
  close: () => undefined,
}
