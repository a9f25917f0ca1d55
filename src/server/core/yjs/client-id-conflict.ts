import { equalityDeep } from 'lib0/function'
import * as Y from 'yjs'
import type { ScannedUpdate } from './scan-update.ts'

/*
 * Two documents that write under one client id create different content with the same ids. Yjs
 * keeps the first and treats the other as a duplicate, so its writer would never learn that the
 * content is lost.
 */

/**
 * Whether an update has different content than the document under the same id. Deleted items have
 * no content and count as equal; their writer learns of the deletion. Right neighbors and struct
 * boundaries are not compared: both may differ legitimately. Linear in the part of the update that
 * the document already has.
 */
export function saysOtherwise(
  { store }: Y.Doc,
  update: Uint8Array,
  scanned: ScannedUpdate,
): boolean {
  if (!scanned.clients.some(({ client, from }) => from < Y.getState(store, client))) return false
  for (const struct of Y.decodeUpdate(update).structs) {
    if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) continue
    const { client, clock } = struct.id
    const known = store.clients.get(client)
    if (known === undefined || clock >= Y.getState(store, client)) continue
    const end = clock + struct.length
    for (let at = Y.findIndexSS(known, clock); at < known.length; at += 1) {
      const there = known[at]
      if (there === undefined || there.id.clock >= end) break
      if (!(there instanceof Y.Item) || there.deleted) continue
      const from = Math.max(clock, there.id.clock)
      const to = Math.min(end, there.id.clock + there.length)
      if (!isSameItem(struct, there, { from, to })) return true
    }
  }
  return false
}

interface Clocks {
  readonly from: number
  readonly to: number
}

function isSameItem(one: Y.Item, other: Y.Item, { from, to }: Clocks): boolean {
  if (!Y.compareIDs(originAt(one, from), originAt(other, from))) return false
  if (!isSameParent(one, other)) return false
  const length = to - from
  return isSameContent(
    { content: one.content, from: from - one.id.clock },
    { content: other.content, from: from - other.id.clock },
    length,
  )
}

function originAt({ id, origin }: Y.Item, clock: number): Y.ID | null {
  return clock > id.clock ? Y.createID(id.client, clock - 1) : origin
}

/** A decoded item names its parent only if it has no neighbor: a root by name, a type by id. */
function isSameParent({ parent, parentSub }: Y.Item, there: Y.Item): boolean {
  if (parent === null) return true
  if (parentSub !== there.parentSub || !(there.parent instanceof Y.AbstractType)) return false
  const above = there.parent._item
  if (parent instanceof Y.ID) return above !== null && Y.compareIDs(parent, above.id)
  return above === null && Y.findRootTypeKey(there.parent) === String(parent)
}

interface Slice {
  readonly content: Y.Item['content']
  readonly from: number
}

function isSameContent(one: Slice, other: Slice, length: number): boolean {
  const a = one.content
  const b = other.content
  if (a instanceof Y.ContentString && b instanceof Y.ContentString) {
    return isSameText(
      a.str.slice(one.from, one.from + length),
      b.str.slice(other.from, other.from + length),
    )
  }
  if (isValues(a) && isValues(b)) {
    return isSameValue(
      a.arr.slice(one.from, one.from + length),
      b.arr.slice(other.from, other.from + length),
    )
  }
  if (a instanceof Y.ContentFormat && b instanceof Y.ContentFormat) {
    return a.key === b.key && isSameValue(a.value, b.value)
  }
  if (a instanceof Y.ContentEmbed && b instanceof Y.ContentEmbed)
    return isSameValue(a.embed, b.embed)
  if (a instanceof Y.ContentBinary && b instanceof Y.ContentBinary) {
    return Buffer.compare(a.content, b.content) === 0
  }
  if (a instanceof Y.ContentDoc && b instanceof Y.ContentDoc) return a.doc.guid === b.doc.guid
  // A type has no content itself, and Yjs versions encode its kind differently.
  return a.constructor === b.constructor
}

function isValues(content: Y.Item['content']): content is Y.ContentAny | Y.ContentJSON {
  return content instanceof Y.ContentAny || content instanceof Y.ContentJSON
}

/** A surrogate pair that was split becomes two replacement characters. */
function isSameText(one: string, other: string): boolean {
  if (one === other) return true
  for (let at = 0; at < one.length; at += 1) {
    const a = one[at]
    const b = other[at]
    if (a !== b && a !== replacement && b !== replacement) return false
  }
  return true
}

const replacement = '\ufffd'

function isSameValue(one: unknown, other: unknown): boolean {
  return equalityDeep(one, other) || JSON.stringify(one) === JSON.stringify(other)
}
