import {
  createDecoder,
  type Decoder,
  hasContent,
  readTailAsUint8Array,
  readVarString,
  readVarUint,
  readVarUint8Array,
} from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { RusherError } from '../../../protocol/index.ts'
import type { Author } from '../../link/document-messages.ts'
import type { Compacted, Run, StateVector } from '../yjs/document-engine.ts'
import type { ClockRange, UnconfirmedRanges } from './unconfirmed.ts'

/*
 * What a document's log holds, as bytes. The update comes last and unchanged, so that a row costs little more than what was typed.
 *
 *   row      = 1, uint ms, text user id, text user name, vector, update
 *            | 2, uint ms, text user id, text user name, makers, vector, update     only where there are makers
 *   snapshot = 1, uint owners, { uint client, text user id }*, vector, uint parts, { bytes part }*
 *            | 2, the same with ranges before the parts                             only where there are ranges
 *   ranges   = uint ranges, { uint client, uint from, uint to }*                   what its owner has not sent
 *   window   = 1, uint from, uint to, uint runs, { text user id, text user name, uint from ms, uint to ms, uint edits, bytes update }*
 *            | 2, the same with makers before each update                           only where there are makers
 *            | 3, uint from, uint to, uint total, 1 where there are makers or 0, uint runs, the
 *            runs as in 2 or 1
 *   makers   = uint makers, { text user id }*
 *   vector   = uint entries, { uint client, uint clock }*
 *   text, bytes, uint as in lib0: a variable-length number, and what it counts
 */

const format = 1
const formatWithMakers = 2
const formatWithRanges = 2
/** The first format whose windows record the size of the history. */
const formatWithTotal = 3
/**
 * Larger updates, in bytes, are concatenated to their row: an encoder would copy them more than
 * once.
 */
const encodedBytesMax = 64 * 1024

/** One update in a document's log. */
export interface Row {
  readonly atMs: number
  /** Who sent it. */
  readonly author: Author
  /** Users other than the sender whose client ids it contains; '' for unknown users. */
  readonly madeBy?: readonly string[]
  /** Where the clients stood after it that wrote something in it. */
  readonly advanced: StateVector
  readonly update: Uint8Array
}

/** A run with the name of its sender. */
export interface NamedRun extends Run {
  /** As in a row. */
  readonly madeBy?: readonly string[]
  readonly name?: string
}

/** What a compaction took out of the log, without losing what was deleted: a piece of a document's history. */
export interface HistoryWindow {
  /** Offsets of the first and the last update in it. */
  readonly from: number
  readonly to: number
  /**
   * Bytes of the updates of this window and all earlier ones; absent in windows of older versions.
   * In a window that replaces truncated history: the bytes that were removed.
   */
  readonly total?: number
  readonly runs: readonly NamedRun[]
}

/** Encodes a row of a document's log. */
export function encodeRow({ atMs, author, madeBy = [], advanced, update }: Row): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, madeBy.length > 0 ? formatWithMakers : format)
  writeVarUint(encoder, atMs)
  writeVarString(encoder, author.id)
  writeVarString(encoder, author.name ?? '')
  if (madeBy.length > 0) writeMakers(encoder, madeBy)
  writeVector(encoder, advanced)
  if (update.length > encodedBytesMax) return Buffer.concat([toUint8Array(encoder), update])
  writeUint8Array(encoder, update)
  return toUint8Array(encoder)
}

/** Decodes a row. Throws STORAGE_CORRUPT where it is none; its checksum was right, so somebody else wrote it. */
export function decodeRow(bytes: Uint8Array): Row {
  const read = (decoder: Decoder, found: number): Row => ({
    atMs: readVarUint(decoder),
    author: readAuthor(decoder),
    ...(found === formatWithMakers ? { madeBy: readMakers(decoder) } : {}),
    advanced: readVector(decoder),
    update: readTailAsUint8Array(decoder).slice(),
  })
  return decode(bytes, read, [format, formatWithMakers])
}

/** What is kept of a document when its log is compacted. */
export interface Snapshot extends Compacted {
  /**
   * What owners of client ids have not confirmed. Absent: nothing, or an earlier version wrote it.
   */
  readonly unconfirmed?: UnconfirmedRanges
}

/** Encodes a snapshot. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { owners, parts, stateVector, unconfirmed } = snapshot
  const hasRanges = unconfirmed !== undefined && unconfirmed.size > 0
  const encoder = createEncoder()
  writeVarUint(encoder, hasRanges ? formatWithRanges : format)
  writeVarUint(encoder, owners.size)
  for (const [client, userId] of owners) {
    writeVarUint(encoder, client)
    writeVarString(encoder, userId)
  }
  writeVector(encoder, stateVector)
  if (hasRanges) writeRanges(encoder, unconfirmed)
  writeVarUint(encoder, parts.length)
  // Concatenated, since an encoder would copy the bytes more than once.
  const pieces: Uint8Array[] = [toUint8Array(encoder)]
  for (const part of parts) {
    const length = createEncoder()
    writeVarUint(length, part.length)
    pieces.push(toUint8Array(length), part)
  }
  return Buffer.concat(pieces)
}

/** Decodes a snapshot; throws as `decodeRow`. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const read = (decoder: Decoder, found: number): Snapshot => {
    const owners = new Map<number, string>()
    for (let left = readVarUint(decoder); left > 0; left -= 1) {
      owners.set(readVarUint(decoder), readVarString(decoder))
    }
    const stateVector = readVector(decoder)
    const ranges = found === formatWithRanges ? { unconfirmed: readRanges(decoder) } : {}
    const parts: Uint8Array[] = []
    for (let left = readVarUint(decoder); left > 0; left -= 1) {
      parts.push(readVarUint8Array(decoder).slice())
    }
    return { owners, stateVector, parts, ...ranges }
  }
  return decode(bytes, read, [format, formatWithRanges])
}

/** Encodes a piece of history. */
export function encodeWindow({ from, to, total = 0, runs }: HistoryWindow): Uint8Array {
  const encoder = createEncoder()
  const hasMakers = runs.some(({ madeBy = [] }) => madeBy.length > 0)
  writeVarUint(encoder, formatWithTotal)
  writeVarUint(encoder, from)
  writeVarUint(encoder, to)
  writeVarUint(encoder, total)
  writeVarUint(encoder, hasMakers ? 1 : 0)
  writeVarUint(encoder, runs.length)
  for (const run of runs) {
    writeVarString(encoder, run.userId)
    writeVarString(encoder, run.name ?? '')
    writeVarUint(encoder, run.fromMs)
    writeVarUint(encoder, run.toMs)
    writeVarUint(encoder, run.edits)
    if (hasMakers) writeMakers(encoder, run.madeBy ?? [])
    writeVarUint8Array(encoder, run.update)
  }
  return toUint8Array(encoder)
}

/** Decodes a piece of history; throws as `decodeRow`. */
export function decodeWindow(bytes: Uint8Array): HistoryWindow {
  const read = (decoder: Decoder, found: number): HistoryWindow => {
    const from = readVarUint(decoder)
    const to = readVarUint(decoder)
    const hasTotal = found === formatWithTotal
    const total = hasTotal ? { total: readVarUint(decoder) } : {}
    const hasMakers = hasTotal ? readVarUint(decoder) === 1 : found === formatWithMakers
    const runs: NamedRun[] = []
    for (let left = readVarUint(decoder); left > 0; left -= 1) {
      const { id, name } = readAuthor(decoder)
      runs.push({
        userId: id,
        ...(name === undefined ? {} : { name }),
        fromMs: readVarUint(decoder),
        toMs: readVarUint(decoder),
        edits: readVarUint(decoder),
        ...(hasMakers ? { madeBy: readMakers(decoder) } : {}),
        update: readVarUint8Array(decoder).slice(),
      })
    }
    return { from, to, ...total, runs }
  }
  return decode(bytes, read, [format, formatWithMakers, formatWithTotal])
}

/** Encodes a state vector as Yjs does, for a SyncStep1. */
export function encodeStateVector(vector: StateVector): Uint8Array {
  const encoder = createEncoder()
  writeVector(encoder, vector)
  return toUint8Array(encoder)
}

/** Decodes the state vector of a client's SyncStep1; undefined if it is malformed. */
export function decodeStateVector(bytes: Uint8Array): StateVector | undefined {
  try {
    return readVector(createDecoder(bytes))
  } catch {
    return undefined
  }
}

function decode<Result>(
  bytes: Uint8Array,
  read: (decoder: Decoder, format: number) => Result,
  formats: readonly number[],
): Result {
  const decoder = createDecoder(bytes)
  try {
    const found = hasContent(decoder) ? readVarUint(decoder) : 0
    if (formats.includes(found)) return read(decoder, found)
  } catch (cause) {
    throw new RusherError('STORAGE_CORRUPT', 'a stored document entry is truncated', { cause })
  }
  throw new RusherError(
    'STORAGE_CORRUPT',
    'an entry of a document is not in a format that this version knows',
  )
}

function readAuthor(decoder: Decoder): Author {
  const id = readVarString(decoder)
  const name = readVarString(decoder)
  return name === '' ? { id } : { id, name }
}

function writeMakers(encoder: Encoder, makers: readonly string[]): void {
  writeVarUint(encoder, makers.length)
  for (const userId of makers) writeVarString(encoder, userId)
}

function readMakers(decoder: Decoder): readonly string[] {
  const makers: string[] = []
  for (let left = readVarUint(decoder); left > 0; left -= 1) makers.push(readVarString(decoder))
  return makers
}

function writeRanges(encoder: Encoder, ranges: UnconfirmedRanges): void {
  writeVarUint(encoder, ranges.size)
  for (const [client, { from, to }] of ranges) {
    writeVarUint(encoder, client)
    writeVarUint(encoder, from)
    writeVarUint(encoder, to)
  }
}

function readRanges(decoder: Decoder): UnconfirmedRanges {
  const ranges = new Map<number, ClockRange>()
  for (let left = readVarUint(decoder); left > 0; left -= 1) {
    const client = readVarUint(decoder)
    ranges.set(client, { from: readVarUint(decoder), to: readVarUint(decoder) })
  }
  return ranges
}

function writeVector(encoder: Encoder, vector: StateVector): void {
  writeVarUint(encoder, vector.size)
  for (const [client, clock] of vector) {
    writeVarUint(encoder, client)
    writeVarUint(encoder, clock)
  }
}

function readVector(decoder: Decoder): StateVector {
  const vector = new Map<number, number>()
  for (let left = readVarUint(decoder); left > 0; left -= 1) {
    vector.set(readVarUint(decoder), readVarUint(decoder))
  }
  return vector
}
