import type { Author, PresenceEntry } from '../link/document-messages.ts'

/** What a connection says of a client id. */
export interface Said {
  readonly client: number
  readonly clock: number
  /** JSON text; `null` to leave. */
  readonly state: string
}

export interface PresenceTableOptions {
  /** How long the place of a connection that ended without a word is kept, in milliseconds. */
  readonly graceMs: number
  /** UTF-8 bytes of all states together. States up to `smallBytes` fit in any case. */
  readonly bytesMax: number
}

/** States up to this many bytes are never refused for what others say. */
const smallBytes = 2_048
/** A clock this far ahead, on one connection, is no client's. */
const clockJumpMax = 1_000
/** Client ids remembered after they left, so that they come back under a clock that peers accept. */
const goneMax = 1_000
const gone = 'null'

/** What one connection said last of a client id. */
interface Claim {
  readonly key: string
  clock: number
  state: string
}

interface Place {
  userId: string
  /** The connections that say it is there, in the order in which they first did. The newest counts. */
  readonly claims: Claim[]
  /** What peers were told last. The clock is the server's own: a client's begins anew with each page. */
  clock: number
  state: string
}

/**
 * Who is where in one document. Keys stand for members: one connection in the document. Follows the rules of y-protocols'
 * awareness, and those that it leaves open:
 *
 * - A client id belongs to its user while somebody is there under it. What others say about it is passed over, since stock
 *   clients repeat what they hear, and declare silent peers dead. A connection has one client id.
 * - A page can make a new provider for the document that it has: a new connection announces the same client id, and counts
 *   from 0 again. The newest connection counts at once. When it leaves, the one before it counts again, if it is still there.
 * - Peers take a state only under a higher clock, so they are told clocks of the server's own that only grow.
 */
export class PresenceTable {
  readonly #options: PresenceTableOptions
  readonly #places = new Map<number, Place>()
  /** The client id of each member. */
  readonly #clients = new Map<string, number>()
  /** Client ids without a connection, and since when; in that order. */
  readonly #absent = new Map<number, number>()
  /** Client ids that have left, those gone for longest first. */
  readonly #left = new Set<number>()
  #bytes = 0

  constructor(options: PresenceTableOptions) {
    this.#options = options
  }

  /**
   * A member says something about a client id. Gives what peers must be told, if anything; `full` where the states of all
   * are larger than they may be, and then what it said before still counts.
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

  /** What a member said cannot be told. What it said before is told again, so that its peers do not take it for dead. */
  renew(key: string): PresenceEntry | undefined {
    const client = this.#clients.get(key)
    const place = client === undefined ? undefined : this.#places.get(client)
    if (client === undefined || place?.claims.at(-1)?.key !== key) return undefined
    return this.#tell(client, place, place.state)
  }

  /** Changes what everybody said; gives what peers must be told. */
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

  /** A member is gone. `atOnce`: on purpose; otherwise its place is kept for a while. */
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

  /** Who did not come back in time. */
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

  /** Everybody who is there, also who may come back. */
  present(): readonly PresenceEntry[] {
    return [...this.#places]
      .filter(([, { state }]) => state !== gone)
      .map(([client, { clock, state }]) => ({ client, clock, state }))
  }

  /** Whether `tick` will have something to say. */
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

  /** A connection that did not speak of this client id before: it came back, or its page was made anew. */
  #claim(key: string, said: Said, place: Place): PresenceEntry | undefined {
    this.#left.delete(said.client)
    this.#present(said.client)
    this.#add(key, said, place)
    const isKnown = place.state === said.state && said.clock <= place.clock
    return isKnown ? undefined : this.#tell(said.client, place, said.state, said.clock)
  }

  /** A connection goes on. A lower clock is that of a new awareness on it; the same one says nothing new. */
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

  /** A connection does not say any more that it is there; the one before it may. */
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

  /** It is not waited for any more. */
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
