import type { EdgeEnd } from '../core/audience.ts'
import type { Author, PresenceEntry } from '../link/document-messages.ts'
import { documentSizes } from './document-sizes.ts'
import { PresenceTable, type Said } from './presence-table.ts'

/** Whom a stateless message of the server is for: one connection as its own message named it, or all of a user. */
export type StatelessTarget = { readonly connection: string } | { readonly user: string }

/** Who has one document open: members of edges, what they were told, and where they are in it. */
export interface Followers {
  join(edge: EdgeEnd, member: number, author: Author): void
  leave(edge: EdgeEnd, member: number, nowMs: number, atOnce: boolean): void
  dropEdge(edge: EdgeEnd, nowMs: number): void
  /** A member says something of itself. Without a state: what it says cannot be told. */
  announce(edge: EdgeEnd, member: number, said: Omit<Said, 'state'> & Partial<Said>): void
  /** Sends a stateless message to the Hocuspocus clients that have the document open. */
  stateless(text: string, to: StatelessTarget | undefined): void
  /** An update is on disk; told at the next flush. */
  committed(offset: number, update: Uint8Array): void
  flush(): void
  presence(): readonly PresenceEntry[]
  tick(nowMs: number): void
  authorOf(edge: EdgeEnd, member: number): Author | undefined
  readonly size: number
  readonly restless: boolean
}

export function createFollowers(
  document: string,
  presenceBytesMax: number,
  dirty: () => void,
): Followers {
  const members = new Map<EdgeEnd, Map<number, Author>>()
  const presence = new PresenceTable({
    graceMs: documentSizes.graceMs,
    bytesMax: presenceBytesMax,
  })
  let first = 0
  let updates: Uint8Array[] = []
  let changes: PresenceEntry[] = []
  let size = 0

  function change(one: PresenceEntry | undefined): void {
    if (one === undefined) return
    changes.push(one)
    dirty()
  }

  function gone(edge: EdgeEnd, member: number, nowMs: number, atOnce: boolean): void {
    size -= 1
    change(presence.leave(keyOf(edge, member), nowMs, atOnce))
  }

  return {
    join(edge, member, author) {
      const known = members.get(edge) ?? new Map<number, Author>()
      if (!known.has(member)) size += 1
      members.set(edge, known.set(member, author))
    },
    leave(edge, member, nowMs, atOnce) {
      const known = members.get(edge)
      if (known?.delete(member) !== true) return
      if (known.size === 0) members.delete(edge)
      gone(edge, member, nowMs, atOnce)
    },
    dropEdge(edge, nowMs) {
      const known = members.get(edge)
      members.delete(edge)
      for (const member of known?.keys() ?? []) gone(edge, member, nowMs, false)
    },
    announce(edge, member, said) {
      const author = members.get(edge)?.get(member)
      if (author === undefined) return
      const key = keyOf(edge, member)
      const { client, clock, state } = said
      if (state === undefined) return change(presence.renew(key))
      const told = presence.announce(key, author, { client, clock, state })
      if (told !== 'full') return change(told)
      change(presence.renew(key))
      edge.port.send({ kind: 'document', message: { kind: 'presence refused', document, member } })
    },
    stateless(text, to) {
      for (const [edge, known] of members) {
        const aimed = to === undefined ? undefined : aimedAt(to, edge, known)
        if (aimed?.length === 0) continue
        const some = aimed === undefined ? {} : { members: aimed }
        edge.port.send({
          kind: 'document',
          message: { kind: 'stateless', document, text, ...some },
        })
      }
    },
    committed(offset, update) {
      if (updates.length === 0) first = offset
      updates.push(update)
      dirty()
    },
    flush() {
      const committed = updates
      const changed = changes
      updates = []
      changes = []
      for (const edge of members.keys()) {
        if (committed.length > 0) {
          edge.port.send({
            kind: 'document',
            message: { kind: 'updates', document, first, updates: committed },
          })
        }
        if (changed.length > 0) {
          edge.port.send({
            kind: 'document',
            message: { kind: 'presence', document, entries: changed },
          })
        }
      }
    },
    presence: () => presence.present(),
    tick(nowMs) {
      for (const one of presence.tick(nowMs)) change(one)
    },
    authorOf: (edge, member) => members.get(edge)?.get(member),
    get size() {
      return size
    },
    get restless() {
      return presence.restless
    },
  }
}

function aimedAt(
  to: StatelessTarget,
  edge: EdgeEnd,
  members: ReadonlyMap<number, Author>,
): readonly number[] {
  return [...members]
    .filter(([member, { id }]) =>
      'user' in to ? id === to.user : keyOf(edge, member) === to.connection,
    )
    .map(([member]) => member)
}

/** Names a member among those of all edges. */
export function keyOf(edge: EdgeEnd, member: number): string {
  return `${edge.id}/${member}`
}
