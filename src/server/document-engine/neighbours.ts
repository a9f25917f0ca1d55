import * as Y from 'yjs'
import type { ScannedClient } from './scan-update.ts'

/** Items passed by when the order in a list is looked at, for one update. An honest one passes by what was written at the same time. */
const stepsMax = 200_000
/** How deep types may be nested: Yjs, and every editor that shows a document, goes down by recursion. */
const depthMax = 256

/**
 * Whether all new items lie where an honest client could have put them: between neighbours of their own parent, and those in their order.
 * Yjs takes what its own clients make and does not look; what comes of anything else depends on the order in which a document is put
 * together, so that two readers of one log would not see the same.
 */
export function liesRight({ store }: Y.Doc, clients: readonly ScannedClient[]): boolean {
  const steps = { left: stepsMax }
  return clients.every(({ client, from, to }) => {
    const structs = store.clients.get(client) ?? []
    for (let at = Y.findIndexSS(structs, from); at < structs.length; at += 1) {
      const item = structs[at]
      if (item === undefined || item.id.clock >= to) break
      if (item instanceof Y.Item && !fits(store, item, steps)) return false
    }
    return true
  })
}

function fits(store: Y.Doc['store'], item: Y.Item, steps: { left: number }): boolean {
  const { parent, parentSub, origin, rightOrigin } = item
  const left = origin === null ? null : Y.getItem(store, origin)
  const right = rightOrigin === null ? null : Y.getItem(store, rightOrigin)
  for (const neighbour of [left, right]) {
    if (neighbour === null) continue
    // Only what was in something that is deleted is let go of, and with it all that was beside it.
    if (!(neighbour instanceof Y.Item)) return item.deleted
    if (neighbour.parent !== parent || neighbour.parentSub !== parentSub) return false
  }
  if (isBrokenValue(item) || isTooDeep(item)) return false
  const way = { item, steps }
  if (left instanceof Y.Item && !leadsTo(left, item, way)) return false
  // The values of a key come one after another, each behind the last: also behind the last of its own.
  if (parentSub !== null) return rightOrigin === null && !hasOwnBehind(item)
  return !(right instanceof Y.Item) || leadsTo(item, right, way)
}

/**
 * The value of a key that is several at once, or is not the last one there and yet stands. Cut in two, its second half would replace the
 * first, but only where it comes as a struct of its own.
 */
function isBrokenValue({ parentSub, deleted, length, right }: Y.Item): boolean {
  return parentSub !== null && !deleted && (length > 1 || right !== null)
}

function isTooDeep(item: Y.Item): boolean {
  let depth = 0
  for (let above: Y.Item | null = item; above !== null; ) {
    depth += 1
    if (depth > depthMax) return true
    above = above.parent instanceof Y.AbstractType ? above.parent._item : null
  }
  return false
}

/**
 * Whether one item comes before another, with nothing between them that the client of the new item wrote before it: when it was written
 * they were side by side for that client.
 */
function leadsTo(
  from: Y.Item,
  to: Y.Item,
  { item, steps }: { readonly item: Y.Item; readonly steps: { left: number } },
): boolean {
  for (let next = from.right; next !== to; next = next.right) {
    if (next === null || (next !== item && isOlder(next, item))) return false
    steps.left -= 1
    if (steps.left <= 0) return true
  }
  return true
}

function hasOwnBehind(item: Y.Item): boolean {
  for (let after = item.right; after !== null; after = after.right) {
    if (isOlder(after, item)) return true
  }
  return false
}

/** Whether an item was written by the same client before another. */
function isOlder({ id }: Y.Item, { id: than }: Y.Item): boolean {
  return id.client === than.client && id.clock < than.clock
}
