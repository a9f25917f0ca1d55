import * as Y from 'yjs'
import { isPending } from './check-update.ts'
import type {
  Compacted,
  Dated,
  DocumentSource,
  Opening,
  Run,
  StateVector,
} from './document-engine.ts'
import { claimCommitted } from './owners.ts'
import { splitUpdate } from './split-update.ts'

/*
 * What is done with updates that are committed: they were looked at before, so Yjs may merge and apply them as they are.
 */

/** Merges updates into parts that can be applied one after another. */
export function openingOf(updates: readonly Uint8Array[], partBytesMax: number): Opening {
  if (updates.length === 0) return { parts: [], stateVector: new Map() }
  const merged = Y.mergeUpdates([...updates])
  return { parts: splitUpdate(merged, partBytesMax), stateVector: stateVectorOf(merged) }
}

function stateVectorOf(update: Uint8Array): StateVector {
  return Y.decodeStateVector(Y.encodeStateVectorFromUpdate(update))
}

/**
 * What somebody lacks of the updates who is at a state vector. That came from a peer: one that cannot be read stands for somebody who
 * has nothing.
 */
export function differenceOf(
  updates: readonly Uint8Array[],
  stateVector: Uint8Array,
  partBytesMax: number,
): readonly Uint8Array[] {
  const vector = isStateVector(stateVector) ? stateVector : Uint8Array.of(0)
  const lacking = updates
    .map((update) => Y.diffUpdate(update, vector))
    .filter((update) => !(update.length === 2 && update[0] === 0 && update[1] === 0))
  return joinNeighbours(lacking, partBytesMax)
}

/** Merges neighbours as long as they are together no longer than a part. */
function joinNeighbours(
  updates: readonly Uint8Array[],
  partBytesMax: number,
): readonly Uint8Array[] {
  const joined: Uint8Array[] = []
  let group: Uint8Array[] = []
  let bytes = 0
  const flush = (): void => {
    if (group.length > 0)
      joined.push(group.length === 1 ? (group[0] ?? empty) : Y.mergeUpdates(group))
    group = []
    bytes = 0
  }
  for (const update of updates) {
    if (bytes + update.length > partBytesMax) flush()
    group.push(update)
    bytes += update.length
  }
  flush()
  return joined
}

const empty = Uint8Array.of(0, 0)

function isStateVector(bytes: Uint8Array): boolean {
  let at = 0
  const number = (): number | undefined => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at]
      at += 1
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) return undefined
      if (byte < 0x80) return value
    }
  }
  for (let left = 2 * (number() ?? Number.NaN); left > 0; left -= 1) {
    if (number() === undefined) return false
  }
  return at === bytes.length
}

/** Makes a document of updates. Throws where something of it waits for what is not there. */
export function documentOf(updates: readonly Uint8Array[], gc: boolean): Y.Doc {
  const doc = new Y.Doc({ gc })
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  if (isPending(doc)) throw new Error('the committed updates are not a whole document')
  return doc
}

function sourceOf(source: DocumentSource): Y.Doc {
  return documentOf(updatesOf(source), source.keepsDeleted !== true)
}

function updatesOf({ parts, updates }: DocumentSource): readonly Uint8Array[] {
  return [...parts, ...updates.map(({ update }) => update)]
}

/**
 * Encodes a snapshot without deleted content (unless that is kept), loads it and compares it with
 * the document. Throws if they differ.
 */
export function compactSource(source: DocumentSource, partBytesMax: number): Compacted {
  const whole = encodeWhole(sourceOf(source))
  const parts = splitUpdate(whole.update, partBytesMax)
  if (!isSame(whole, parts)) throw new Error('the snapshot differs from the document')
  const owners = new Map(source.owners)
  for (const update of source.updates) claimCommitted(owners, update)
  return { parts, owners, stateVector: whole.snapshot.sv }
}

/** Whether the parts, applied, are the same document as the source. */
export function partsMatch(parts: readonly Uint8Array[], source: DocumentSource): boolean {
  return isSame(encodeWhole(sourceOf(source)), parts)
}

/**
 * A document in encoded form. A loaded one takes up to a hundred times the memory, so it is
 * released before the next is loaded.
 */
interface Whole {
  readonly update: Uint8Array
  readonly snapshot: Y.Snapshot
  readonly gc: boolean
}

function encodeWhole(doc: Y.Doc): Whole {
  return { update: Y.encodeStateAsUpdate(doc), snapshot: Y.snapshot(doc), gc: doc.gc }
}

/** Compares what is there, what was deleted, and the whole encoding once both have been loaded from one. */
function isSame({ update, snapshot, gc }: Whole, parts: readonly Uint8Array[]): boolean {
  const loaded = encodeWhole(documentOf(parts, gc))
  if (!Y.equalSnapshots(snapshot, loaded.snapshot)) return false
  const reloaded = encodeWhole(documentOf([update], gc))
  return Buffer.compare(reloaded.update, loaded.update) === 0
}

/** Joins what follows on one another by the same user, with pauses shorter than so many milliseconds. */
export function runsOf(updates: readonly Dated[], pauseMs: number): readonly Run[] {
  const groups: Dated[][] = []
  for (const update of updates) {
    const last = groups.at(-1)?.at(-1)
    const goesOn = last?.userId === update.userId && update.atMs - last.atMs < pauseMs
    if (goesOn) groups.at(-1)?.push(update)
    else groups.push([update])
  }
  return groups.map((group) => ({
    userId: group[0]?.userId ?? '',
    fromMs: group[0]?.atMs ?? 0,
    toMs: group.at(-1)?.atMs ?? 0,
    edits: group.length,
    update: Y.mergeUpdates(group.map(({ update }) => update)),
  }))
}
