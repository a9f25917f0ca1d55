import * as Y from 'yjs'
import type { ScannedFold, ScannedUpdate } from './scan-update.ts'

/** Structs that are examined for one update; a normal one needs few. */
const stepsMax = 200_000
const hasRightOrigin = 0x40

/**
 * Takes from an item the name of a right neighbour that stands in one run with its left one, or is
 * the same. An undo makes such items. Yjs would put them in two different places: behind the left
 * neighbour, or in the middle of the run where that is one struct, which depends on how a
 * client's structs happen to be merged. Without that name they come behind the left neighbour for
 * all clients, as for their own. Returns the same update if there are none.
 */
export function unfold(doc: Y.Doc, update: Uint8Array, { folded }: ScannedUpdate): Uint8Array {
  if (folded.length === 0) return update
  const isOneRun = createRuns(doc, update)
  const out = folded.filter(isOneRun)
  if (out.length === 0) return update
  const pieces: Uint8Array[] = []
  let from = 0
  for (const { at, rightFrom, rightTo } of out) {
    pieces.push(update.subarray(from, at), Uint8Array.of((update[at] ?? 0) & ~hasRightOrigin))
    pieces.push(update.subarray(at + 1, rightFrom))
    from = rightTo
  }
  pieces.push(update.subarray(from))
  return Buffer.concat(pieces)
}

type Line = readonly (Y.Item | Y.GC | Y.Skip)[]

/**
 * Tells whether the neighbours of an item were written one after another and stand so, in what is
 * there or in the update.
 */
function createRuns({ store }: Y.Doc, update: Uint8Array): (fold: ScannedFold) => boolean {
  let steps = stepsMax
  let coming: Map<number, Line> | undefined

  function lineOf(client: number): Line {
    coming ??= Map.groupBy(Y.decodeUpdate(update).structs, ({ id }) => id.client)
    return coming.get(client) ?? []
  }

  /** The struct with a clock; what is there counts before what comes. */
  function find(client: number, clock: number): Line[number] | undefined {
    const there = clock < Y.getState(store, client)
    const line = there ? (store.clients.get(client) ?? []) : lineOf(client)
    const first = line[0]
    const last = line.at(-1)
    if (first === undefined || last === undefined) return undefined
    if (clock < first.id.clock || clock >= last.id.clock + last.length) return undefined
    return line[Y.findIndexSS(line as (Y.Item | Y.GC)[], clock)]
  }

  return ({ client, left, right }) => {
    for (let clock = left; ; ) {
      steps -= 1
      if (steps < 0) return true
      const struct = find(client, clock)
      if (struct === undefined) return false
      const begin = struct.id.clock
      if (begin <= right) return true
      const origin = struct instanceof Y.Item ? struct.origin : null
      if (origin === null || origin.client !== client || origin.clock !== begin - 1) return false
      clock = begin - 1
    }
  }
}
