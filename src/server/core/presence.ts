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
  /** The edge that has them; where several have, what `byEdge` says counts. */
  edge: number
  byEdge: Map<number, number> | undefined
  /** When the last session left; undefined while there is one. */
  leftMs: number | undefined
}

/** Who is in one channel: users, not sessions. Pure but for its own state: time comes in. */
export interface Presence {
  join(edge: number, user: User): void
  leave(edge: number, userId: string, nowMs: number, atOnce: boolean): void
  /** Every session of an edge is gone. */
  dropEdge(edge: number, nowMs: number): void
  /** Removes whose grace has ended and says what watchers must be told now; undefined when nothing. What nobody watches is not told. */
  tick(nowMs: number, isWatched: boolean): PresenceChange | undefined
  /** Whether `tick` may have something to say later. */
  readonly restless: boolean
  readonly count: number
  /** Users to show: all of them, or a sample. */
  users(): { readonly users: readonly User[]; readonly sampled: boolean }
}

export function createPresence(options: PresenceOptions): Presence {
  const entries = new Map<string, Entry>()
  const leaving = new Set<string>()
  let joined = new Map<string, User>()
  let left = new Set<string>()
  let named = true
  let sampledMs = Number.NEGATIVE_INFINITY

  /** Begins the grace of a user whose last session left. */
  function gone(entry: Entry, nowMs: number, atOnce: boolean): void {
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
      const entry = entries.get(user.id)
      if (entry === undefined) {
        entries.set(user.id, { user, sessions: 1, edge, byEdge: undefined, leftMs: undefined })
        left.delete(user.id)
        joined.set(user.id, user)
        return
      }
      addSession(entry, edge)
      entry.leftMs = undefined
      leaving.delete(user.id)
      if (entry.user.name !== user.name) {
        entry.user = user
        joined.set(user.id, user)
      }
    },

    leave(edge, userId, nowMs, atOnce) {
      const entry = entries.get(userId)
      if (entry === undefined || sessionsOn(entry, edge) === 0) return
      removeSessions(entry, edge, 1)
      gone(entry, nowMs, atOnce)
    },

    dropEdge(edge, nowMs) {
      for (const entry of entries.values()) {
        const sessions = sessionsOn(entry, edge)
        if (sessions === 0) continue
        removeSessions(entry, edge, sessions)
        gone(entry, nowMs, false)
      }
    },

    tick(nowMs, isWatched) {
      remove(nowMs)
      const wasNamed = named
      if (joined.size === 0 && left.size === 0) return undefined
      named = entries.size <= options.usersMax
      if (!isWatched) {
        joined = new Map()
        left = new Set()
        return undefined
      }
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
