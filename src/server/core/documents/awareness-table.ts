import type { Author, PresenceEntry } from '../../link/document-messages.ts'

/** A presence state that a connection sent for a client id. */
export interface Said {
  readonly client: number
  readonly clock: number
  /** JSON text; `null` to leave. */
  readonly state: string
}

export interface AwarenessTableOptions {
  /** How long the presence of a lost connection is kept, in milliseconds. */
  readonly graceMs: number
  /** Maximum UTF-8 bytes of all states together. States up to `smallBytes` always fit. */
  readonly bytesMax: number
}

/** States up to this many bytes are never refused because of other states. */
const smallBytes = 2_048
/** A clock that jumps this far on one connection is not legitimate. */
const clockJumpMax = 1_000
/**
 * Number of departed client ids to remember, so that they return with a clock that peers accept.
 */
const goneMax = 1_000
const gone = 'null'

/** The latest state that one connection sent for a client id. */
interface Claim {
  readonly key: string
  clock: number
  state: string
}

interface Place {
  userId: string
  /** Connections that announce this client id, oldest first. The newest one counts. */
  readonly claims: Claim[]
  /** The last announced clock. It is the server's own: a client's clock restarts with each page. */
  clock: number
  state: string
}

/**
 * Presence in one document. A key identifies a member: one connection in the document. Follows the
 * rules of y-protocols' awareness, plus these:
 *
 * - A client id belongs to its user while it is present. States from other users for it are
 *   ignored, since stock clients echo what they receive and expire silent peers. A connection has
 *   one client id.
 * - A page can create a new provider for its document: a new connection announces the same client
 *   id and counts from 0 again. The newest connection counts. When it leaves, the previous one
 *   counts again if it is still connected.
 * - Peers accept a state only with a higher clock, so the server announces its own increasing
 *   clocks.
 */
export class AwarenessTable {
  readonly #options: AwarenessTableOptions
  readonly #places = new Map<number, Place>()
  /** The client id of each member. */
  readonly #clients = new Map<string, number>()
  /** Client ids without a connection and since when, in milliseconds, oldest first. */
  readonly #absent = new Map<number, number>()
  /** Client ids that have left, oldest first. */
  readonly #left = new Set<number>()
  #bytes = 0

  constructor(options: AwarenessTableOptions) {
    this.#options = options
  }

  /**
   * Handles a member's state for a client id. Returns the entry to announce, if any; `full` if all
   * states together exceed the limit, and then the previous state stays.
   */
  announce(key: string, author: Author, said: Said): PresenceEntry | 'full' | undefined {
    const own = this.#clients.get(key)
    if (own !== undefined && own !== said.client) return undefined
    const place = this.#places.get(said.client)
    const claim = place?.claims.find((one) => one.key === key)
    if (claim !== undefined && said.clock - claim.clock > clockJumpMax) return undefined
    if (said.state === gone) return place && claim && this.#withdraw(said.client, place, claim)
    if (this.#isFull(said.state, claim?.state)) return 'full'
    if (place === undefined) return this.#appear(key, author, said)
    if (place.userId !== author.id) {
      if (!this.#left.has(said.client)) return undefined
      place.userId = author.id
    }
    return claim === undefined ? this.#claim(key, said, place) : this.#goOn(claim, said, place)
  }

  /**
   * Announces the previous state again after a rejected one, so that peers do not expire the
   * member.
   */
  renew(key: string): PresenceEntry | undefined {
    const client = this.#clients.get(key)
    const place = client === undefined ? undefined : this.#places.get(client)
    if (client === undefined || place?.claims.at(-1)?.key !== key) return undefined
    return this.#tell(client, place, place.state)
  }

  /** Rewrites all states; returns the entries to announce. */
  rewrite(change: (state: string) => string): readonly PresenceEntry[] {
    const changes: PresenceEntry[] = []
    for (const [client, place] of this.#places) {
      for (const claim of place.claims) {
        const state = change(claim.state)
        this.#bytes += Buffer.byteLength(state) - Buffer.byteLength(claim.state)
        claim.state = state
      }
      const state = place.claims.at(-1)?.state ?? change(place.state)
      if (state === place.state) continue
      if (place.claims.length === 0) {
        this.#bytes += Buffer.byteLength(state) - Buffer.byteLength(place.state)
      }
      changes.push(this.#tell(client, place, state))
    }
    return changes
  }

  /** A member left. `atOnce`: deliberately; otherwise its presence is kept for the grace period. */
  leave(key: string, nowMs: number, atOnce: boolean): PresenceEntry | undefined {
    const client = this.#clients.get(key)
    this.#clients.delete(key)
    const place = client === undefined ? undefined : this.#places.get(client)
    const claim = place?.claims.find((one) => one.key === key)
    if (client === undefined || place === undefined || claim === undefined) return undefined
    if (atOnce || place.claims.length > 1) return this.#withdraw(client, place, claim)
    this.#remove(place, claim)
    this.#absent.set(client, nowMs)
    this.#bytes += Buffer.byteLength(place.state)
    return undefined
  }

  /** Removes clients whose grace period has passed; returns the entries to announce. */
  tick(nowMs: number): readonly PresenceEntry[] {
    const changes: PresenceEntry[] = []
    for (const [client, leftMs] of this.#absent) {
      if (nowMs - leftMs < this.#options.graceMs) break
      this.#present(client)
      const place = this.#places.get(client)
      if (place !== undefined) changes.push(this.#vanish(client, place))
    }
    return changes
  }

  /** All present clients, including those in their grace period. */
  present(): readonly PresenceEntry[] {
    return [...this.#places]
      .filter(([, { state }]) => state !== gone)
      .map(([client, { clock, state }]) => ({ client, clock, state }))
  }

  /** Whether `tick` has work to do. */
  get restless(): boolean {
    return this.#absent.size > 0
  }

  #isFull(state: string, before = ''): boolean {
    const bytes = Buffer.byteLength(state)
    if (bytes <= smallBytes) return false
    return this.#bytes - Buffer.byteLength(before) + bytes > this.#options.bytesMax
  }

  #appear(key: string, author: Author, said: Said): PresenceEntry {
    const place: Place = { userId: author.id, claims: [], clock: said.clock - 1, state: gone }
    this.#places.set(said.client, place)
    this.#add(key, said, place)
    return this.#tell(said.client, place, said.state, said.clock)
  }

  /**
   * Handles a connection that announces a client id for the first time: a reconnect or a reload.
   */
  #claim(key: string, said: Said, place: Place): PresenceEntry | undefined {
    this.#left.delete(said.client)
    this.#present(said.client)
    this.#add(key, said, place)
    const isKnown = place.state === said.state && said.clock <= place.clock
    return isKnown ? undefined : this.#tell(said.client, place, said.state, said.clock)
  }

  /**
   * Handles a further state. A lower clock means a new awareness instance; an equal one is a
   * duplicate.
   */
  #goOn(claim: Claim, said: Said, place: Place): PresenceEntry | undefined {
    const renews = said.clock > claim.clock
    if (said.clock === claim.clock) return undefined
    this.#bytes += Buffer.byteLength(said.state) - Buffer.byteLength(claim.state)
    claim.clock = said.clock
    claim.state = said.state
    if (place.claims.at(-1) !== claim) return undefined
    if (!renews && place.state === said.state) return undefined
    return this.#tell(said.client, place, said.state, said.clock)
  }

  #add(key: string, { client, clock, state }: Said, place: Place): void {
    place.claims.push({ key, clock, state })
    this.#clients.set(key, client)
    this.#bytes += Buffer.byteLength(state)
  }

  #remove({ claims }: Place, claim: Claim): void {
    claims.splice(claims.indexOf(claim), 1)
    this.#bytes -= Buffer.byteLength(claim.state)
  }

  /** Removes the claim of a connection; an earlier one may count again. */
  #withdraw(client: number, place: Place, claim: Claim): PresenceEntry | undefined {
    this.#remove(place, claim)
    const next = place.claims.at(-1)
    if (next === undefined) return this.#vanish(client, place)
    return next.state === place.state ? undefined : this.#tell(client, place, next.state)
  }

  #vanish(client: number, place: Place): PresenceEntry {
    this.#left.add(client)
    const [oldest] = this.#left
    if (this.#left.size > goneMax && oldest !== undefined) {
      this.#left.delete(oldest)
      this.#places.delete(oldest)
    }
    return this.#tell(client, place, gone)
  }

  /** Ends the grace period of a client that is present again. */
  #present(client: number): void {
    if (!this.#absent.delete(client)) return
    this.#bytes -= Buffer.byteLength(this.#places.get(client)?.state ?? '')
  }

  #tell(client: number, place: Place, state: string, clock = 0): PresenceEntry {
    place.clock = Math.max(place.clock + 1, clock)
    place.state = state
    return { client, clock: place.clock, state }
  }
}
