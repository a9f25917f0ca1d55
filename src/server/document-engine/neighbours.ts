import * as Y from 'yjs'
import type { EngineLimits } from './document-engine.ts'
import { standsInEveryOrder } from './replay.ts'
import type { ScannedClient } from './scan-update.ts'

/** Items passed by for one update, before its lists are simply put together again. */
const stepsMax = 200_000

/** What is known while the new items of one update are looked at. */
interface Look {
  readonly store: Y.Doc['store']
  steps: number
  /** How deep types may be nested: Yjs, and every editor that shows a document, goes down by recursion. */
  readonly depthMax: number
  /** Lists whose order might depend on who puts them together. */
  doubtful: Set<Y.AbstractType<unknown>> | undefined
}

/**
 * Whether the new items of an update stand where every reader will have them. Yjs takes what its own clients make and does not look;
 * what comes of anything else can depend on the order in which a document is put together, so that two readers of one log would not see
 * the same.
 *
 * An item between the neighbours that it names stands there for everybody. Where others have written in between, or the item was made in
 * another way than by writing (an undo names neighbours of another time), its list is put together again in other orders, and has to
 * come out the same.
 */
export function liesRight(
  { store }: Y.Doc,
  clients: readonly ScannedClient[],
  { typeDepthMax: depthMax = 256 }: Pick<EngineLimits, 'typeDepthMax'>,
): boolean {
  const look: Look = { store, steps: stepsMax, depthMax, doubtful: undefined }
  for (const { client, from, to } of clients) {
    const structs = store.clients.get(client) ?? []
    for (let at = Y.findIndexSS(structs, from); at < structs.length; at += 1) {
      const item = structs[at]
      if (item === undefined || item.id.clock >= to) break
      if (item instanceof Y.Item && !fits(look, item)) return false
    }
  }
  for (const type of look.doubtful ?? []) if (!standsInEveryOrder(type)) return false
  return true
}

function fits(look: Look, item: Y.Item): boolean {
  const { store } = look
  const { parent, parentSub, origin, rightOrigin } = item
  const left = origin === null ? null : Y.getItem(store, origin)
  const right = rightOrigin === null ? null : Y.getItem(store, rightOrigin)
  for (const neighbour of [left, right]) {
    if (neighbour === null) continue
    // Only what was in something that is deleted is let go of, and with it all that was beside it.
    if (!(neighbour instanceof Y.Item)) return item.deleted
    if (neighbour.parent !== parent || neighbour.parentSub !== parentSub) return false
  }
  if (isBrokenValue(item) || isTooDeep(item, look.depthMax)) return false
  // The values of a key come one after another, each behind the last: also behind the last of its own.
  if (parentSub !== null) return rightOrigin === null && !hasOwnBehind(look, item)
  if (parent instanceof Y.AbstractType && !isBetween(look, item)) {
    look.doubtful ??= new Set()
    look.doubtful.add(parent)
  }
  return true
}

/** Whether an item stands between the neighbours that it names, with nothing beside it but what its client wrote later. */
function isBetween(look: Look, item: Y.Item): boolean {
  const { origin, rightOrigin } = item
  for (let left = item.left; ; left = left.left) {
    if (left === null || isEnd(left, origin)) {
      if ((left === null) !== (origin === null)) return false
      break
    }
    look.steps -= 1
    if (look.steps < 0 || !isOlder(item, left)) return false
  }
  for (let right = item.right; ; right = right.right) {
    if (right === null) return rightOrigin === null
    if (Y.compareIDs(right.id, rightOrigin)) return true
    look.steps -= 1
    if (look.steps < 0 || !isOlder(item, right)) return false
    // That one is looked at itself, and has the rest of the way in common with this one.
    if (Y.compareIDs(right.rightOrigin, rightOrigin)) return true
  }
}

function isEnd({ id, length }: Y.Item, end: Y.ID | null): boolean {
  return end !== null && id.client === end.client && id.clock + length - 1 === end.clock
}

/**
 * The value of a key that is several at once, or is not the last one there and yet stands. Cut in two, its second half would replace the
 * first, but only where it comes as a struct of its own.
 */
function isBrokenValue({ parentSub, deleted, length, right }: Y.Item): boolean {
  return parentSub !== null && !deleted && (length > 1 || right !== null)
}

function isTooDeep(item: Y.Item, depthMax: number): boolean {
  let depth = 0
  for (let above: Y.Item | null = item; above !== null; ) {
    depth += 1
    if (depth > depthMax) return true
    above = above.parent instanceof Y.AbstractType ? above.parent._item : null
  }
  return false
}

function hasOwnBehind(look: Look, item: Y.Item): boolean {
  for (let after = item.right; after !== null; after = after.right) {
    look.steps -= 1
    if (look.steps < 0 || isOlder(after, item)) return true
  }
  return false
}

/** Whether an item was written by the same client before another. */
function isOlder({ id }: Y.Item, { id: than }: Y.Item): boolean {
  return id.client === than.client && id.clock < than.clock
}
