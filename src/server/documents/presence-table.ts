import type { Author } from '../link/document-messages.ts'

/** Who is where in one document. Keys stand for members: one connection in the document. */
export interface PresenceTable {
  /** A member says something about a client id; what peers must be told, if anything. */
  announce(key: string, author: Author, said: Said): Change | undefined
  /** A member is gone. `atOnce`: on purpose; otherwise its place is kept for a while. */
  leave(key: string, nowMs: number, atOnce: boolean): Change | undefined
  /** Who did not come back in time. */
  tick(nowMs: number): readonly Change[]
  /** Everybody who is there, also who may come back. */
  present(): readonly Change[]
  /** Whether `tick` will have something to say. */
  readonly restless: boolean
}

export interface Said {
  readonly client: number
  readonly clock: number
  /** JSON text; `null` to leave. */
  readonly state: string
}

/** What peers are told. `key` is whose client it is; a client is not told about itself. */
export interface Change extends Said {
  readonly key: string | undefined
}

/** A forged clock far ahead would lock the owner of the client id out. */
const clockJumpMax = 1_000
/** Client ids remembered after they left, so that they can come back under a clock that peers accept. */
const goneMax = 1_000
const gone = 'null'

interface Place {
  /** The newest connection that announced it; undefined when that one is gone. */
  key: string | undefined
  readonly userId: string
  clock: number
  /** What its clocks are raised by towards peers: a client that comes back does so at the clock it left with. */
  raised: number
  state: string
  /** When its connection ended; undefined while there is one. */
  leftMs: number | undefined
}

/**
 * Follows the rules of y-protocols' awareness, and those that it leaves open: a client id belongs to the newest connection of its user
 * that announced it; what others say about it is passed over, since stock clients repeat what they hear, and declare silent peers dead;
 * a connection has one client id.
 */
export function createPresenceTable(graceMs: number): PresenceTable {
  const places = new Map<number, Place>()
  const clients = new Map<string, number>()
  let absent = 0

  function claim(place: Place, key: string): void {
    if (place.leftMs !== undefined) absent -= 1
    if (place.key !== undefined) clients.delete(place.key)
    place.key = key
    place.leftMs = undefined
  }

  function told(client: number, { key, clock, raised, state }: Place): Change {
    return { client, clock: clock + raised, state, key }
  }

  function appear(key: string, author: Author, said: Said): Change | undefined {
    if (said.state === gone) return undefined
    const place: Place = {
      key,
      userId: author.id,
      clock: said.clock,
      raised: 0,
      state: said.state,
      leftMs: undefined,
    }
    places.set(said.client, place)
    clients.set(key, said.client)
    forgetOldest()
    return told(said.client, place)
  }

  /** Another connection of the same user: it reconnected, and the old one may not know yet that it is dead. */
  function comeBack(place: Place, key: string, said: Said): Change | undefined {
    if (said.state === gone || said.clock < place.clock) return undefined
    const unchanged =
      place.state === said.state && place.clock === said.clock && place.state !== gone
    claim(place, key)
    clients.set(key, said.client)
    place.clock = said.clock
    place.state = said.state
    return unchanged ? undefined : told(said.client, place)
  }

  function goOn(place: Place, said: Said): Change | undefined {
    const newer = said.clock > place.clock && said.clock - place.clock <= clockJumpMax
    const leaves = said.clock === place.clock && said.state === gone && place.state !== gone
    if (!newer && !leaves) return undefined
    place.clock = said.clock
    place.state = said.state
    return told(said.client, place)
  }

  function forgetOldest(): void {
    if (places.size <= goneMax) return
    for (const [client, place] of places) {
      if (place.key !== undefined || place.leftMs !== undefined) continue
      places.delete(client)
      return
    }
  }

  function vanish(client: number, place: Place): Change | undefined {
    place.key = undefined
    place.leftMs = undefined
    if (place.state === gone) return undefined
    place.state = gone
    const change = { client, clock: place.clock + place.raised + 1, state: gone, key: undefined }
    // Above the clock that the leave was told with, also when it comes back at the one it left with.
    place.raised += 2
    return change
  }

  return {
    announce(key, author, said) {
      const own = clients.get(key)
      if (own !== undefined && own !== said.client) return undefined
      const place = places.get(said.client)
      if (place === undefined) return appear(key, author, said)
      if (place.key === key) return goOn(place, said)
      if (place.userId !== author.id) return undefined
      return comeBack(place, key, said)
    },
    leave(key, nowMs, atOnce) {
      const client = clients.get(key)
      const place = client === undefined ? undefined : places.get(client)
      clients.delete(key)
      if (client === undefined || place === undefined || place.key !== key) return undefined
      if (atOnce || place.state === gone) return vanish(client, place)
      place.key = undefined
      place.leftMs = nowMs
      absent += 1
      return undefined
    },
    tick(nowMs) {
      const changes: Change[] = []
      if (absent === 0) return changes
      for (const [client, place] of places) {
        if (place.leftMs === undefined || nowMs - place.leftMs < graceMs) continue
        absent -= 1
        const change = vanish(client, place)
        if (change !== undefined) changes.push(change)
      }
      return changes
    },
    present: () =>
      [...places]
        .filter(([, { state }]) => state !== gone)
        .map(([client, place]) => told(client, place)),
    get restless() {
      return absent > 0
    },
  }
}
