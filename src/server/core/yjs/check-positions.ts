import * as Y from 'yjs'

/**
 * Maximum number of pieces to check in one list. A longer list would exceed the time limit and is
 * accepted.
 */
const piecesMax = 5_000

/** A run of items written in one go, each following the one before. */
interface Piece {
  readonly client: number
  readonly clock: number
  length: number
  readonly origin: Y.ID | null
  readonly rightOrigin: Y.ID | null
}
type Line = readonly Piece[]

/** Orders of integration to try, by client id. */
const orders = [(a: number, b: number) => b - a, (a: number, b: number) => a - b] as const

/**
 * Whether Yjs integrates the items of a list to the same order with the highest client id first, as
 * in every encoding of a document, and with the lowest first. Linear in the length of the list.
 */
export function standsInEveryOrder(type: Y.AbstractType<unknown>): boolean {
  const pieces = piecesOf(type)
  if (pieces.length > piecesMax) return true
  const lines = Map.groupBy(pieces, ({ client }) => client)
  for (const line of lines.values()) line.sort((a, b) => a.clock - b.clock)
  return orders.every((order) => {
    const clients = [...lines.keys()].sort(order)
    const doc = new Y.Doc({ gc: false })
    const list = doc.getArray('list')
    return doc.transact((transaction) => {
      const whole = putTogether(transaction, list, { clients, lines })
      return whole && isSameOrder(type._start, list._start)
    })
  })
}

function piecesOf(type: Y.AbstractType<unknown>): readonly Piece[] {
  const pieces: Piece[] = []
  let last: Piece | undefined
  for (let item = type._start; item !== null; item = item.right) {
    const { id, length, origin, rightOrigin } = item
    if (last !== undefined && followsOn(item, last)) {
      last.length += length
      continue
    }
    last = { client: id.client, clock: id.clock, length, origin, rightOrigin }
    pieces.push(last)
  }
  return pieces
}

function followsOn({ id, origin, rightOrigin }: Y.Item, last: Piece): boolean {
  const end = last.clock + last.length
  return (
    id.client === last.client &&
    id.clock === end &&
    origin?.client === id.client &&
    origin.clock === end - 1 &&
    Y.compareIDs(rightOrigin, last.rightOrigin)
  )
}

/** Integrates items in a given order; false if items wait for one another. */
function putTogether(
  transaction: Y.Transaction,
  list: Y.Array<unknown>,
  { clients, lines }: { clients: readonly number[]; lines: ReadonlyMap<number, Line> },
): boolean {
  const { store } = transaction.doc
  const next = new Map<number, number>()
  for (const client of clients) {
    const waiting = [client]
    const onTheWay = new Set(waiting)
    for (let top = waiting.at(-1); top !== undefined; top = waiting.at(-1)) {
      const at = next.get(top) ?? 0
      const item = lines.get(top)?.[at]
      const made = item === undefined ? undefined : bare(item, list)
      const missing = made?.getMissing(transaction, store) ?? null
      if (made !== undefined && missing === null) {
        fillUp(transaction, made)
        made.integrate(transaction, 0)
        next.set(top, at + 1)
      }
      if (missing !== null) {
        if (onTheWay.has(missing)) return false
        onTheWay.add(missing)
        waiting.push(missing)
      } else if (made === undefined || waiting.length > 1) {
        onTheWay.delete(top)
        waiting.pop()
      }
    }
  }
  return true
}

/** A copy of an item at the same position without content. */
function bare(
  { client, clock, origin, rightOrigin, length }: Piece,
  list: Y.Array<unknown>,
): Y.Item {
  const content = new Y.ContentDeleted(length)
  return new Y.Item(Y.createID(client, clock), null, origin, null, rightOrigin, list, null, content)
}

/** Fills the clocks of a client that belong to other lists, since clocks must be consecutive. */
function fillUp(transaction: Y.Transaction, { id: { client, clock } }: Y.Item): void {
  const state = Y.getState(transaction.doc.store, client)
  if (state < clock) {
    new Y.GC(Y.createID(client, state), clock - state).integrate(transaction, 0)
  }
}

/** Whether two lists have the same content in the same order, regardless of item boundaries. */
function isSameOrder(one: Y.Item | null, other: Y.Item | null): boolean {
  let passedOne = 0
  let passedOther = 0
  while (one !== null && other !== null) {
    const isSame =
      one.id.client === other.id.client && one.id.clock + passedOne === other.id.clock + passedOther
    if (!isSame) return false
    const length = Math.min(one.length - passedOne, other.length - passedOther)
    passedOne += length
    passedOther += length
    if (passedOne === one.length) {
      one = one.right
      passedOne = 0
    }
    if (passedOther === other.length) {
      other = other.right
      passedOther = 0
    }
  }
  return one === other
}
