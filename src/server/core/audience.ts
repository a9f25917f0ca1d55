import type { User } from '../../protocol/index.ts'
import type { Port, ToEdge } from '../link/link.ts'
import { type AnyApp, type CoreOptions, coreSizes } from './core-options.ts'
import { createPresence, type PresenceChange } from './presence.ts'

/** One edge's end of its link, with the number that tells edges apart. */
export interface EdgeEnd {
  readonly id: number
  readonly port: Port<ToEdge>
}

/** Who follows one channel: which edges have members there, who they are, and the values they all see. */
export interface Audience {
  /** `watches`: the member wants to be told of presence. */
  join(edge: EdgeEnd, user: User, watches: boolean): void
  leave(edge: EdgeEnd, userId: string, atOnce: boolean): void
  dropEdge(edge: EdgeEnd): void
  /** Sends one message to every edge that has a member here. */
  send(message: ToEdge): void
  /** Sends what is in no log. */
  pass(about: 'signal' | 'latest', event: string): void
  /** A value was kept under a name. */
  kept(name: string, payload: string): void
  /** JSON text of the PresenceState; undefined where the app has none. */
  presence(): string | undefined
  /** Resolves when `latest` can be asked. */
  loadLatest(): Promise<void>
  /** JSON text of the values kept, the newest first. */
  latest(): string
  /** Tells about presence what is due. */
  tick(nowMs: number): void
  readonly restless: boolean
  /** Members here, on all edges. */
  readonly size: number
}

type AudienceParts = Pick<CoreOptions, 'storage' | 'clock' | 'presence'>

export function createAudience(name: string, app: AnyApp, parts: AudienceParts): Audience {
  const edges = new Map<EdgeEnd, number>()
  /** Edges with somebody who wants presence, until their last member here leaves. */
  const watchers = new Set<EdgeEnd>()
  const presence = app.presence === false ? undefined : createPresence(parts.presence)
  let presenceText: string | undefined
  let values: Map<string, string> | undefined
  /** What was kept while the values were being read: it is newer than what the read may have seen. */
  const early = new Map<string, string>()
  let reading = 0
  let size = 0

  function send(message: ToEdge): void {
    for (const edge of edges.keys()) edge.port.send(message)
  }

  function pass(about: 'signal' | 'latest', event: string): void {
    send({ kind: 'passing', channel: name, about, event })
  }

  function leaveEdge(edge: EdgeEnd, members: number): void {
    const count = edges.get(edge)
    if (count === undefined) return
    size -= members
    if (count > members) {
      edges.set(edge, count - members)
      return
    }
    edges.delete(edge)
    watchers.delete(edge)
  }

  async function readValues(): Promise<void> {
    reading += 1
    try {
      const stored = await parts.storage.readLatest(name, coreSizes.latestMax)
      if (values !== undefined) return
      values = new Map(stored.toReversed().map(({ name: key, payload }) => [key, payload]))
      for (const [key, payload] of early) keep(values, key, payload)
    } finally {
      reading -= 1
      if (reading === 0) early.clear()
    }
  }

  return {
    join(edge, user, watches) {
      if (watches) watchers.add(edge)
      edges.set(edge, (edges.get(edge) ?? 0) + 1)
      size += 1
      presence?.join(edge.id, user)
    },
    leave(edge, userId, atOnce) {
      leaveEdge(edge, 1)
      presence?.leave(edge.id, userId, parts.clock.monotonicMs(), atOnce)
    },
    dropEdge(edge) {
      const members = edges.get(edge)
      if (members === undefined) return
      leaveEdge(edge, members)
      presence?.dropEdge(edge.id, parts.clock.monotonicMs())
    },
    send,
    pass,
    kept(key, payload) {
      if (values === undefined) {
        if (reading > 0) early.set(key, payload)
        return
      }
      keep(values, key, payload)
    },
    presence() {
      if (presence === undefined) return undefined
      presenceText ??= JSON.stringify({ count: presence.count, ...presence.users() })
      return presenceText
    },
    loadLatest: () => (values === undefined ? readValues() : Promise.resolve()),
    latest() {
      if (values === undefined) throw new Error(`${name}: its latest values were not loaded`)
      return `[${[...values.values()].reverse().join(',')}]`
    },
    tick(nowMs) {
      if (presence === undefined || !presence.restless) return
      const isWatched = watchers.size > 0
      const change = presence.tick(nowMs, isWatched)
      if (change !== undefined || !isWatched) presenceText = undefined
      if (change === undefined) return
      const event = presenceEvent(name, presence.count, change)
      for (const { port } of watchers)
        port.send({ kind: 'passing', channel: name, about: 'presence', event })
    },
    get restless() {
      return presence?.restless ?? false
    },
    get size() {
      return size
    },
  }
}

function presenceEvent(channel: string, count: number, change: PresenceChange): string {
  const base = { type: 'presence', channel, count }
  if (change.kind === 'diff') {
    return JSON.stringify({
      ...base,
      ...(change.joined.length === 0 ? {} : { joined: change.joined }),
      ...(change.left.length === 0 ? {} : { left: change.left }),
    })
  }
  return JSON.stringify({ ...base, users: change.users, sampled: change.users.length < count })
}

/** Puts a value anew, so that the order of the map is the order of change, and lets the oldest go above the bound. */
function keep(values: Map<string, string>, key: string, payload: string): void {
  values.delete(key)
  values.set(key, payload)
  const [oldest] = values.keys()
  if (values.size > coreSizes.latestMax && oldest !== undefined) values.delete(oldest)
}
