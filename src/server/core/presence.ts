import type { User } from '../../protocol/index.ts'

/** What changed since the last look, for those who watch. */
export type PresenceChange =
  | { readonly kind: 'diff'; readonly joined: readonly User[]; readonly left: readonly string[] }
  /** Too many to name: a sample stands for them. */
  | { readonly kind: 'sample'; readonly users: readonly User[] }

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
  user: User
  /** Sessions of this user here, on all edges. */
  sessions: number
  /** When the last session left; undefined while there is one. */
  leftMs: number | undefined
}

/** Who is in one channel: users, not sessions. Pure but for its own state: time comes in. */
export interface Presence {
  join(edge: number, user: User): void
  leave(edge: number, userId: string, nowMs: number, atOnce: boolean): void
  /** Every session of an edge is gone. */
  dropEdge(edge: number, nowMs: number): void
  /** Removes whose grace has ended and says what watchers must be told now; undefined when nothing. */
  tick(nowMs: number): PresenceChange | undefined
  /** Whether `tick` may have something to say later. */
  readonly restless: boolean
  readonly count: number
  /** Users to show: all of them, or a sample. */
  users(): { readonly users: readonly User[]; readonly sampled: boolean }
}

export function createPresence(options: PresenceOptions): Presence {
  const entries = new Map<string, Entry>()
  const edges = new Map<number, Map<string, number>>()
  const leaving = new Set<string>()
  let joined = new Map<string, User>()
  let left = new Set<string>()
  let named = true
  let sampledMs = Number.NEGATIVE_INFINITY

  function drop(entry: Entry, sessions: number, nowMs: number, atOnce: boolean): void {
    entry.sessions -= sessions
    if (entry.sessions > 0) return
    entry.leftMs = atOnce ? nowMs - options.graceMs : nowMs
    leaving.add(entry.user.id)
  }

  function remove(nowMs: number): void {
    for (const userId of leaving) {
      const entry = entries.get(userId)
      if (entry?.leftMs === undefined || nowMs - entry.leftMs < options.graceMs) continue
      leaving.delete(userId)
      entries.delete(userId)
      // Told also of who joined since the last look: a join's reply may have shown them meanwhile.
      joined.delete(userId)
      left.add(userId)
    }
  }

  function sample(): readonly User[] {
    const users: User[] = []
    for (const { user } of entries.values()) {
      if (users.push(user) >= options.sampleMax) break
    }
    return users
  }

  return {
    join(edge, user) {
      const ofEdge = edges.get(edge) ?? new Map<string, number>()
      edges.set(edge, ofEdge)
      ofEdge.set(user.id, (ofEdge.get(user.id) ?? 0) + 1)
      const entry = entries.get(user.id)
      if (entry === undefined) {
        entries.set(user.id, { user, sessions: 1, leftMs: undefined })
        left.delete(user.id)
        joined.set(user.id, user)
        return
      }
      entry.sessions += 1
      entry.leftMs = undefined
      leaving.delete(user.id)
      if (entry.user.name !== user.name) {
        entry.user = user
        joined.set(user.id, user)
      }
    },

    leave(edge, userId, nowMs, atOnce) {
      const ofEdge = edges.get(edge)
      const sessions = ofEdge?.get(userId)
      const entry = entries.get(userId)
      if (ofEdge === undefined || sessions === undefined || entry === undefined) return
      if (sessions > 1) ofEdge.set(userId, sessions - 1)
      else ofEdge.delete(userId)
      if (ofEdge.size === 0) edges.delete(edge)
      drop(entry, 1, nowMs, atOnce)
    },

    dropEdge(edge, nowMs) {
      for (const [userId, sessions] of edges.get(edge) ?? []) {
        const entry = entries.get(userId)
        if (entry !== undefined) drop(entry, sessions, nowMs, false)
      }
      edges.delete(edge)
    },

    tick(nowMs) {
      remove(nowMs)
      const wasNamed = named
      if (joined.size === 0 && left.size === 0) return undefined
      named = entries.size <= options.usersMax
      if (!named || !wasNamed) {
        if (!named && nowMs - sampledMs < options.sampleMs) return undefined
        sampledMs = nowMs
        joined = new Map()
        left = new Set()
        return {
          kind: 'sample',
          users: named ? [...entries.values()].map(({ user }) => user) : sample(),
        }
      }
      const change = { kind: 'diff', joined: [...joined.values()], left: [...left] } as const
      joined = new Map()
      left = new Set()
      return change
    },

    get restless() {
      return leaving.size > 0 || joined.size > 0 || left.size > 0
    },
    get count() {
      return entries.size
    },
    users() {
      const sampled = entries.size > options.usersMax
      return { users: sampled ? sample() : [...entries.values()].map(({ user }) => user), sampled }
    },
  }
}
