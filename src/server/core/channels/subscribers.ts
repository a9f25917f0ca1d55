import type { Json, User } from '../../../protocol/index.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import type { ToEdge } from '../../link/link.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import { LatestValues } from './latest-values.ts'
import { Presence, type PresenceChange, type PresenceOptions } from './presence.ts'
import type { AnyApp } from './served-apps.ts'

/** An edge with members in a channel. */
interface EdgeMembers {
  readonly edge: EdgeEnd
  members: number
  /** Whether somebody there wants presence, until the last member there leaves. */
  watches: boolean
}

/** What all channels of one app share. */
export interface SubscribersContext {
  readonly storage: Storage
  readonly clock: Clock
  readonly presence: PresenceOptions
  readonly app: AnyApp
  /** Somebody came to this channel, or went. */
  readonly stirred: (channel: string) => void
}

const none: readonly never[] = []

/** Who follows one channel: which edges have members there, who they are, and the values they all see. */
export class Subscribers {
  readonly #name: string
  readonly #parts: SubscribersContext
  /** There are few edges, and a list of one is lighter than a Map. Replaced, never changed in place. */
  #edges: readonly EdgeMembers[] = none
  readonly #presence: Presence | undefined
  #presenceText: string | undefined
  #latest: LatestValues | undefined
  #size = 0

  constructor(name: string, parts: SubscribersContext) {
    this.#name = name
    this.#parts = parts
    this.#presence = parts.app.presence === false ? undefined : new Presence(parts.presence)
  }

  /** `watches`: the member wants to be told of presence. */
  join(edge: EdgeEnd, user: User, watches: boolean): void {
    const known = this.#find(edge)
    // Made to measure: a spread literal or `filter` would reserve room for sixteen more.
    if (known === undefined) this.#edges = this.#edges.concat({ edge, members: 1, watches })
    else {
      known.members += 1
      known.watches ||= watches
    }
    this.#size += 1
    this.#presence?.join(edge.id, user)
    this.#parts.stirred(this.#name)
  }

  leave(edge: EdgeEnd, userId: string, atOnce: boolean): void {
    this.#leaveEdge(edge, 1)
    this.#presence?.leave(edge.id, userId, this.#parts.clock.monotonicMs(), atOnce)
    this.#parts.stirred(this.#name)
  }

  /**
   * Sets a user's presence data. Nothing changes when the user is not here. Returns false where the
   * app has no presence.
   */
  track(userId: string, data: Json): boolean {
    if (this.#presence === undefined) return false
    if (this.#presence.track(userId, data)) this.#parts.stirred(this.#name)
    return true
  }

  dropEdge(edge: EdgeEnd): void {
    const known = this.#find(edge)
    if (known === undefined) return
    this.#leaveEdge(edge, known.members)
    this.#presence?.dropEdge(edge.id, this.#parts.clock.monotonicMs())
    this.#parts.stirred(this.#name)
  }

  #find(edge: EdgeEnd): EdgeMembers | undefined {
    return this.#edges.find((one) => one.edge === edge)
  }

  #leaveEdge(edge: EdgeEnd, members: number): void {
    const known = this.#find(edge)
    if (known === undefined) return
    this.#size -= members
    known.members -= members
    if (known.members === 0) this.#edges = this.#edges.toSpliced(this.#edges.indexOf(known), 1)
  }

  /** Sends one message to every edge that has a member here. */
  send(message: ToEdge): void {
    for (const { edge } of this.#edges) edge.port.send(message)
  }

  /** Sends what is in no log. */
  pass(about: 'signal' | 'latest', event: string): void {
    this.send({ kind: 'passing', channel: this.#name, about, event })
  }

  /** A value was kept under a name. */
  kept(name: string, payload: string): void {
    this.#latest?.kept(name, payload)
  }

  /** Resolves when `latest` can be asked. */
  loadLatest(): Promise<void> {
    this.#latest ??= new LatestValues()
    return this.#latest.load(this.#parts.storage, this.#name)
  }

  /** JSON text of the values kept, the newest first. */
  latest(): string {
    const text = this.#latest?.text
    if (text === undefined) throw new Error(`${this.#name}: its latest values were not loaded`)
    return text
  }

  /** JSON text of the PresenceState; undefined where the app has none. */
  presence(): string | undefined {
    const presence = this.#presence
    if (presence === undefined) return undefined
    this.#presenceText ??= JSON.stringify({ count: presence.count, ...presence.users() })
    return this.#presenceText
  }

  /** Tells about presence what is due. */
  tick(nowMs: number): void {
    const presence = this.#presence
    if (presence === undefined || !presence.restless) return
    const isWatched = this.#edges.some(({ watches }) => watches)
    const change = presence.tick(nowMs, isWatched)
    if (change !== undefined || !isWatched) this.#presenceText = undefined
    if (change === undefined) return
    const event = presenceEvent(this.#name, presence.count, change)
    for (const { edge, watches } of this.#edges) {
      if (watches)
        edge.port.send({ kind: 'passing', channel: this.#name, about: 'presence', event })
    }
  }

  get restless(): boolean {
    return this.#presence?.restless ?? false
  }

  /** Members here, on all edges. */
  get size(): number {
    return this.#size
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
