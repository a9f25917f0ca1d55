import type {
  Author,
  DocumentToCore,
  DocumentToEdge,
  PresenceEntry,
} from '../../link/document-messages.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import type { Log } from '../../log/log.ts'
import type { FaultMetrics } from '../../metrics/metrics.ts'
import type { Clock } from '../../runtime/clock.ts'
import { AwarenessTable, type Said } from './awareness-table.ts'
import { CursorGuard, type GuardedDocument, withoutOtherCursor } from './cursor-guard.ts'
import { documentLimits } from './document-limits.ts'

/** Recipients of a stateless message: one connection, or all connections of a user. */
export type StatelessTarget = { readonly connection: string } | { readonly user: string }

/** Who has one document open: members of edges, what they were told, and where they are in it. */
export interface DocumentSubscribers {
  join(edge: EdgeEnd, member: number, author: Author): void
  leave(edge: EdgeEnd, member: number, nowMs: number, atOnce: boolean): void
  dropEdge(edge: EdgeEnd, nowMs: number): void
  /** Announces the presence state of a member. */
  announce(edge: EdgeEnd, member: number, message: Announcement): void
  /** Sends a stateless message to the Hocuspocus clients that have the document open. */
  stateless(text: string, to: StatelessTarget | undefined): void
  /** An update is on disk; told at the next flush. */
  committed(offset: number, update: Uint8Array): void
  flush(): void
  /** The document was deleted: notifies all subscribers at once, after earlier commits. */
  deleted(): void
  presence(): readonly PresenceEntry[]
  tick(nowMs: number): void
  authorOf(edge: EdgeEnd, member: number): Author | undefined
  readonly size: number
  readonly restless: boolean
}

type Announcement = Extract<DocumentToCore, { kind: 'presence' }>

export interface DocumentSubscribersContext
  extends Pick<GuardedDocument, 'head' | 'holdsElements'> {
  readonly presenceBytesMax: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: FaultMetrics
  /** Called when there is something to flush. */
  readonly dirty: () => void
}

export function createDocumentSubscribers(
  document: string,
  parts: DocumentSubscribersContext,
): DocumentSubscribers {
  const { dirty } = parts
  const members = new Map<EdgeEnd, Map<number, Author>>()
  const presence = new AwarenessTable({
    graceMs: documentLimits.graceMs,
    bytesMax: parts.presenceBytesMax,
  })
  let guard: CursorGuard | undefined
  let first = 0
  let updates: Uint8Array[] = []
  let changes: PresenceEntry[] = []
  let size = 0

  function change(one: PresenceEntry | undefined): void {
    if (one === undefined) return
    changes.push(one)
    dirty()
  }

  /** Created lazily, for the first cursor that is not an editor's. */
  function guarding(): CursorGuard {
    guard ??= new CursorGuard(
      {
        ...parts,
        announce(said, key) {
          for (const [edge, known] of members) {
            for (const member of known.keys()) {
              if (keyOf(edge, member) === key) say(edge, member, said)
            }
          }
        },
        clean() {
          for (const one of presence.rewrite(withoutOtherCursor)) change(one)
        },
      },
      parts.clock,
      parts,
    )
    return guard
  }

  function say(edge: EdgeEnd, member: number, said: Said): void {
    const author = members.get(edge)?.get(member)
    if (author === undefined) return
    const key = keyOf(edge, member)
    const told = presence.announce(key, author, said)
    if (told !== 'full') return change(told)
    change(presence.renew(key))
    edge.port.send({ kind: 'document', message: { kind: 'presence refused', document, member } })
  }

  function gone(edge: EdgeEnd, member: number, nowMs: number, atOnce: boolean): void {
    size -= 1
    guard?.drop(keyOf(edge, member))
    change(presence.leave(keyOf(edge, member), nowMs, atOnce))
  }

  function tell(message: DocumentToEdge): void {
    for (const edge of members.keys()) edge.port.send({ kind: 'document', message })
  }

  function flush(): void {
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
        const message = { kind: 'presence', document, entries: changed } as const
        edge.port.send({ kind: 'document', message })
      }
    }
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
    announce(edge, member, { client, clock, state, otherCursor }) {
      const key = keyOf(edge, member)
      if (state === undefined) return change(presence.renew(key))
      guard?.drop(key)
      const said = { client, clock, state }
      const passed = otherCursor === true ? guarding().pass(key, said) : said
      if (passed !== undefined) say(edge, member, passed)
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
    flush,
    deleted() {
      flush()
      tell({ kind: 'deleted', document })
    },
    presence: () => presence.present(),
    tick(nowMs) {
      guard?.tick()
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
