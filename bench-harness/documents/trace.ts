import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import * as Y from 'yjs'

/** One change of a text: at a place, so many characters go and these come. */
type Patch = readonly [place: number, deleted: number, inserted: string]

interface Transaction {
  readonly patches: readonly Patch[]
  /** The transactions it follows on; absent in a trace of one writer, where each follows on the one before. */
  readonly parents?: readonly number[]
  readonly agent?: number
}

/** A recorded editing session, as github.com/josephg/editing-traces publishes them. */
export interface Trace {
  readonly txns: readonly Transaction[]
  readonly endContent: string
  readonly numAgents?: number
}

/** One transaction of a writer, as Yjs makes it. */
export interface Keystroke {
  readonly writer: number
  readonly update: Uint8Array
  /** Clocks of all writers that it follows on, by client id. */
  readonly after: ReadonlyMap<number, number>
}

/** Reads a trace from its `.json.gz`. */
export function readTrace(path: string): Trace {
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as Trace
}

/** Client id of a writer of a trace. */
export function clientOf(writer: number): number {
  return 1_000 + writer
}

/**
 * Makes the update of each transaction, in the order of the trace. Each writer has a document of its own, which holds exactly what the
 * transaction's parents and their ancestors made: the places in it mean that text.
 */
export function* keystrokesOf({ txns, numAgents = 1 }: Trace): Generator<Keystroke> {
  const writers = Array.from({ length: numAgents }, (_, writer) => {
    const doc = new Y.Doc()
    doc.clientID = clientOf(writer)
    return { doc, text: doc.getText('t'), known: new Set<number>() }
  })
  const updates: Uint8Array[] = []
  for (const [index, txn] of txns.entries()) {
    const { agent = 0, parents = index === 0 ? [] : [index - 1] } = txn
    const writer = writers[agent]
    if (writer === undefined) throw new Error(`a trace names writer ${agent} of ${numAgents}`)
    const { doc, text, known } = writer
    for (const missing of unknownOf(txns, parents, known)) {
      known.add(missing)
      Y.applyUpdate(doc, updates[missing] ?? Uint8Array.of(0, 0))
    }
    const after = Y.decodeStateVector(Y.encodeStateVector(doc))
    const update = updateOf(doc, () => {
      for (const [place, deleted, inserted] of txn.patches) {
        if (deleted > 0) text.delete(place, deleted)
        if (inserted !== '') text.insert(place, inserted)
      }
    })
    known.add(index)
    // One writer has seen all of it: nobody will ask for it again.
    if (numAgents > 1) updates[index] = update
    yield { writer: agent, update, after }
  }
}

/** What a writer has not seen of some transactions and all before them, in an order that can be applied. */
function unknownOf(
  txns: readonly Transaction[],
  parents: readonly number[],
  known: ReadonlySet<number>,
): readonly number[] {
  const found = new Set<number>()
  const ahead = [...parents]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (known.has(next) || found.has(next)) continue
    found.add(next)
    ahead.push(...(txns[next]?.parents ?? []))
  }
  // A transaction comes after its parents in the trace.
  return [...found].sort((a, b) => a - b)
}

function updateOf(doc: Y.Doc, change: () => void): Uint8Array {
  const made: Uint8Array[] = []
  const take = (update: Uint8Array): void => void made.push(update)
  doc.on('update', take)
  doc.transact(change)
  doc.off('update', take)
  return made[0] ?? Uint8Array.of(0, 0)
}
