import * as Y from 'yjs'
import { standsInEveryOrder } from './check-positions.ts'
import type { EngineLimits } from './document-engine.ts'
import type { ScannedClient } from './scan-update.ts'

/** Items to visit for one update before its lists are rebuilt instead. */
const stepsMax = 200_000

/** State of the check of one update. */
interface Look {
  readonly store: Y.Doc['store']
  steps: number
  /** Maximum nesting of types: Yjs and editors read them recursively. */
  readonly depthMax: number
  /** Lists whose order may depend on the order of integration. */
  doubtful: Set<Y.AbstractType<unknown>> | undefined
}

/**
 * Whether the new items of an update have the same position for every reader. Yjs trusts its own
 * clients and does not check. With other input, positions can depend on the order of integration,
 * so that two readers of one log would see different documents.
 *
 * An item directly between the neighbors that it names has the same position for every reader. If
 * others have written in between, or the item was not created by typing (an undo names earlier
 * neighbors), its list is rebuilt in other orders and must come out the same.
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

/**
 * Whether an item is between the neighbors that it names, with only later items of its client in
 * between.
 */
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
    // That item is checked itself and shares the rest of the path with this one.
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
