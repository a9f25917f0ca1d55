import type { Json, PresenceUser, User } from '../../../protocol/index.ts'

/** What changed since the last look, for those who watch. */
export type PresenceChange =
  | {
      readonly kind: 'diff'
      readonly joined: readonly PresenceUser[]
      readonly left: readonly string[]
    }
  /** Too many to name: a sample stands for them. */
  | { readonly kind: 'sample'; readonly users: readonly PresenceUser[] }

export interface PresenceOptions {
  /** How long a user who left is still shown, in milliseconds, so that a reload does not flap. */
  readonly graceMs: number
  /** Users above which only a count and a sample are told. */
  readonly usersMax: number
  /** Users in the sample. */
  readonly sampleMax: number
  /** Shortest time between two samples, in milliseconds. */
  readonly sampleMs: number
}

interface Entry {
  user: PresenceUser
  /** Sessions of this user here, on all edges. */
  sessions: number
  /** The edge that has them; where several have, what `byEdge` says counts. */
  edge: number
  byEdge: Map<number, number> | undefined
  /** When the last session left; undefined while there is one. */
  leftMs: number | undefined
}

/**
 * Who is in one channel: users, not sessions. Pure but for its own state: time comes in. What is empty is undefined: an empty Set
 * weighs more than two users.
 */
export class Presence {
  readonly #options: PresenceOptions
  readonly #entries = new Map<string, Entry>()
  #leaving: Set<string> | undefined
  /** What watchers are to be told. */
  #joined: Map<string, PresenceUser> | undefined
  #left: Set<string> | undefined
  #named = true
  #sampledMs: number | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  join(edge: number, user: User): void {
    const entry = this.#entries.get(user.id)
    if (entry === undefined) {
      this.#entries.set(user.id, { user, sessions: 1, edge, byEdge: undefined, leftMs: undefined })
      this.#left = without(this.#left, user.id)
      this.#tellJoined(user)
      return
    }
    addSession(entry, edge)
    entry.leftMs = undefined
    this.#leaving = without(this.#leaving, user.id)
    if (entry.user.name !== user.name) {
      entry.user = withData(user, entry.user.data)
      this.#tellJoined(entry.user)
    }
  }

  /**
   * Sets the data of a user, for all of their sessions; null removes it. Returns whether that changed
   * anything. A user who is not here has none.
   */
  track(userId: string, data: Json): boolean {
    const entry = this.#entries.get(userId)
    if (entry === undefined) return false
    const { user } = entry
    if (JSON.stringify(user.data ?? null) === JSON.stringify(data)) return false
    entry.user = withData(user, data ?? undefined)
    // A sample has no data, so there is nothing to tell.
    if (this.count > this.#options.usersMax) return false
    this.#tellJoined(entry.user)
    return true
  }

  leave(edge: number, userId: string, nowMs: number, atOnce: boolean): void {
    const entry = this.#entries.get(userId)
    if (entry === undefined || sessionsOn(entry, edge) === 0) return
    removeSessions(entry, edge, 1)
    this.#gone(entry, nowMs, atOnce)
  }

  /** Every session of an edge is gone. */
  dropEdge(edge: number, nowMs: number): void {
    for (const entry of this.#entries.values()) {
      const sessions = sessionsOn(entry, edge)
      if (sessions === 0) continue
      removeSessions(entry, edge, sessions)
      this.#gone(entry, nowMs, false)
    }
  }

  /** Removes whose grace has ended and says what watchers must be told now; undefined when nothing. What nobody watches is not told. */
  tick(nowMs: number, isWatched: boolean): PresenceChange | undefined {
    this.#removeDue(nowMs)
    const wasNamed = this.#named
    if (this.#joined === undefined && this.#left === undefined) return undefined
    this.#named = this.count <= this.#options.usersMax
    if (!isWatched) {
      this.#told()
      return undefined
    }
    if (this.#named && wasNamed) {
      const joined = [...(this.#joined?.values() ?? [])]
      const left = [...(this.#left ?? [])]
      this.#told()
      return { kind: 'diff', joined, left }
    }
    const sampledMs = this.#sampledMs ?? Number.NEGATIVE_INFINITY
    if (!this.#named && nowMs - sampledMs < this.#options.sampleMs) return undefined
    this.#sampledMs = nowMs
    this.#told()
    return { kind: 'sample', users: this.#named ? this.#all() : this.#sample() }
  }

  /** Whether `tick` may have something to say later. */
  get restless(): boolean {
    return this.#leaving !== undefined || this.#joined !== undefined || this.#left !== undefined
  }

  get count(): number {
    return this.#entries.size
  }

  /** Users to show: all of them, or a sample. */
  users(): { readonly users: readonly PresenceUser[]; readonly sampled: boolean } {
    const sampled = this.count > this.#options.usersMax
    return { users: sampled ? this.#sample() : this.#all(), sampled }
  }

  #tellJoined(user: PresenceUser): void {
    this.#joined ??= new Map()
    this.#joined.set(user.id, user)
  }

  #told(): void {
    this.#joined = undefined
    this.#left = undefined
  }

  /** Begins the grace of a user whose last session left. */
  #gone(entry: Entry, nowMs: number, atOnce: boolean): void {
    if (entry.sessions > 0) return
    if (atOnce) return this.#remove(entry.user.id)
    entry.leftMs = nowMs
    this.#leaving ??= new Set()
    this.#leaving.add(entry.user.id)
  }

  #removeDue(nowMs: number): void {
    for (const userId of this.#leaving ?? []) {
      const leftMs = this.#entries.get(userId)?.leftMs
      // They stand in the order in which they left: when thousands leave at once, a look costs what is due.
      if (leftMs === undefined || nowMs - leftMs < this.#options.graceMs) return
      this.#leaving = without(this.#leaving, userId)
      this.#remove(userId)
    }
  }

  #remove(userId: string): void {
    this.#entries.delete(userId)
    // Told also of who joined since the last look: a join's reply may have shown them meanwhile.
    this.#joined = without(this.#joined, userId)
    this.#left ??= new Set()
    this.#left.add(userId)
  }

  #all(): readonly PresenceUser[] {
    return Array.from(this.#entries.values(), ({ user }) => user)
  }

  /** Without data: a sample goes to many, and each change of it again. */
  #sample(): readonly User[] {
    const users: User[] = []
    for (const { user } of this.#entries.values()) {
      if (users.push(withData(user, undefined)) >= this.#options.sampleMax) break
    }
    return users
  }
}

/** The user with this data and no other. */
function withData(user: PresenceUser, data: Json | undefined): PresenceUser {
  if (data === undefined && user.data === undefined) return user
  const { id, name } = user
  return { id, ...(name === undefined ? {} : { name }), ...(data === undefined ? {} : { data }) }
}

/** A set or a map without a key; undefined in place of an empty one. */
function without<Kept extends { readonly size: number; delete(key: string): boolean }>(
  kept: Kept | undefined,
  key: string,
): Kept | undefined {
  kept?.delete(key)
  return kept?.size === 0 ? undefined : kept
}

/* Most users have one session, so an entry names its edge itself and has a map only where there are several. */

function sessionsOn({ sessions, edge, byEdge }: Entry, asked: number): number {
  if (byEdge !== undefined) return byEdge.get(asked) ?? 0
  return edge === asked ? sessions : 0
}

function addSession(entry: Entry, edge: number): void {
  if (entry.sessions === 0) entry.edge = edge
  else if (entry.byEdge !== undefined || entry.edge !== edge) {
    entry.byEdge ??= new Map([[entry.edge, entry.sessions]])
    entry.byEdge.set(edge, (entry.byEdge.get(edge) ?? 0) + 1)
  }
  entry.sessions += 1
}

function removeSessions(entry: Entry, edge: number, sessions: number): void {
  entry.sessions -= sessions
  const { byEdge } = entry
  if (byEdge === undefined) return
  const left = (byEdge.get(edge) ?? 0) - sessions
  if (left > 0) byEdge.set(edge, left)
  else byEdge.delete(edge)
  if (byEdge.size > 1) return
  entry.edge = byEdge.keys().next().value ?? edge
  entry.byEdge = undefined
}
