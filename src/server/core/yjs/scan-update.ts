import type { EngineLimits } from './document-engine.ts'
import { clockMax, type ReaderLimits, UpdateReader, UpdateRefused } from './update-reader.ts'

/** The structs of one client in an update. */
export interface ScannedClient {
  readonly client: number
  /** Clock of the first struct, and the clock after the last. */
  readonly from: number
  readonly to: number
}

/** A range of deleted structs of one client: clocks from `clock`, so many of them. */
export interface ScannedDelete {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** An item whose neighbors are of one client, with the right one not written after the left one. */
export interface ScannedFold {
  readonly client: number
  /** Clocks of the left and the right neighbor. */
  readonly left: number
  readonly right: number
  /** Offsets of the item and of the bytes that name its right neighbor. */
  readonly at: number
  readonly rightFrom: number
  readonly rightTo: number
}

/** What an update says, as far as it can be known without applying it. */
export interface ScannedUpdate {
  readonly clients: readonly ScannedClient[]
  readonly deletes: readonly ScannedDelete[]
  /** The highest clock of each client that a struct refers to, by its origins and its parent. */
  readonly references: ReadonlyMap<number, number>
  /** Items whose right neighbor may precede their left one. */
  readonly folded: readonly ScannedFold[]
  /** Whether it skips clocks of a client. */
  readonly hasSkips: boolean
  /** Where the delete set begins. */
  readonly deletesAt: number
  readonly structs: number
  /** The clock after the last struct of each client, if there are several clients. */
  readonly ends: ReadonlyMap<number, number> | undefined
}

/** The clock after the last struct of a client in a scanned update; 0 if it has none. */
export function endOf({ clients, ends }: ScannedUpdate, client: number): number {
  if (ends !== undefined) return ends.get(client) ?? 0
  const [only] = clients
  return only?.client === client ? only.to : 0
}

export type ScanLimits = ReaderLimits &
  Pick<EngineLimits, 'updateStructsMax' | 'updateDeletesMax' | 'updateLengthMax'>

/** Limits for updates that were checked before: our own deltas may be as long as the document. */
export const unbounded: ScanLimits = {
  updateStructsMax: Number.MAX_SAFE_INTEGER,
  updateDeletesMax: Number.MAX_SAFE_INTEGER,
  updateLengthMax: Number.MAX_SAFE_INTEGER,
  keyBytesMax: Number.MAX_SAFE_INTEGER,
  valueDepthMax: Number.MAX_SAFE_INTEGER,
}

/** Yjs 13 generates ids below 2^32, Yjs 14 below 2^53. */
const clientMax = 2 ** 53

/** Bits of a struct's first byte, beside the kind of its content. */
const hasOrigin = 0x80
const hasRightOrigin = 0x40
const hasParentKey = 0x20

/**
 * Reads an update in Yjs' format 1 without building anything of it: in time linear in its bytes, and never beyond them. What it lets
 * through has a form that Yjs can decode. Throws UpdateRefused for anything else: for bytes left over, lengths that do not fit, and
 * bounds that are passed. The format is documented by Yjs' own encoders (UpdateEncoderV1, Item.write).
 */
export function scanUpdate(bytes: Uint8Array, limits: ScanLimits): ScannedUpdate {
  const reader = new UpdateReader(bytes, limits)
  const clients: ScannedClient[] = []
  const known = new Set<number>()
  const found: Found = { references: new Map(), folded: [], hasSkips: false }
  let structs = 0
  for (let left = reader.count(limits.updateStructsMax); left > 0; left -= 1) {
    const count = reader.count(limits.updateStructsMax - structs)
    const client = reader.below(clientMax, 'a client id')
    const from = reader.below(clockMax, 'a clock')
    if (known.has(client)) throw new UpdateRefused('a client stands in it twice')
    known.add(client)
    structs += count
    let to = from
    for (let index = 0; index < count; index += 1) {
      to += scanStruct(reader, found, { client, clock: to })
      if (to > clockMax || to - from > limits.updateLengthMax) {
        throw new UpdateRefused('it is longer than an update may be')
      }
    }
    if (count > 0) clients.push({ client, from, to })
  }
  const deletesAt = reader.at
  const deletes = scanDeletes(reader, limits)
  if (!reader.ended) throw new UpdateRefused('bytes are left over')
  const { references, folded, hasSkips } = found
  const ends =
    clients.length > 1 ? new Map(clients.map(({ client, to }) => [client, to])) : undefined
  return { clients, deletes, references, folded, hasSkips, deletesAt, structs, ends }
}

function scanDeletes(reader: UpdateReader, limits: ScanLimits): readonly ScannedDelete[] {
  const deletes: ScannedDelete[] = []
  const known = new Set<number>()
  for (let left = reader.count(limits.updateDeletesMax); left > 0; left -= 1) {
    const client = reader.below(clientMax, 'a client id')
    if (known.has(client)) throw new UpdateRefused('a client stands in it twice')
    known.add(client)
    for (
      let ranges = reader.count(limits.updateDeletesMax - deletes.length);
      ranges > 0;
      ranges -= 1
    ) {
      const clock = reader.below(clockMax, 'a clock')
      const length = reader.below(clockMax, 'a length')
      if (length === 0) throw new UpdateRefused('nothing is deleted by a range')
      deletes.push({ client, clock, length })
    }
  }
  return deletes
}

/** Results collected from structs. */
interface Found {
  readonly references: Map<number, number>
  readonly folded: ScannedFold[]
  hasSkips: boolean
}

/** Passes over one struct; gives its length in clocks. */
function scanStruct(
  reader: UpdateReader,
  found: Found,
  id: { readonly client: number; readonly clock: number },
): number {
  const { at } = reader
  const info = reader.byte()
  const kind = info & 0x1f
  if (info === gc) return reader.length()
  if (info === skip) {
    found.hasSkips = true
    return reader.length()
  }
  if (kind === gc || kind === skip) throw new UpdateRefused('a struct has an unknown type')
  const isBetween = (info & hasOrigin) !== 0 && (info & hasRightOrigin) !== 0
  if (isBetween) scanNeighbours(reader, found, id, at)
  else if ((info & (hasOrigin | hasRightOrigin)) !== 0) scanReference(reader, found, id)
  else {
    // Neither neighbour is named, so the parent is: a root by its name, or a struct by its id.
    if (reader.flag()) reader.key()
    else scanReference(reader, found, id)
    if ((info & hasParentKey) !== 0) reader.key()
  }
  return scanContent(reader, kind)
}

function scanNeighbours(
  reader: UpdateReader,
  found: Found,
  id: { readonly client: number; readonly clock: number },
  at: number,
): void {
  const left = scanReference(reader, found, id)
  const { lastClient: client } = reader
  const rightFrom = reader.at
  const right = scanReference(reader, found, id)
  if (reader.lastClient !== client || right > left) return
  found.folded.push({ client, left, right, at, rightFrom, rightTo: reader.at })
}

/**
 * Reads the id of a struct; returns its clock and leaves its client in the reader's `lastClient`.
 */
function scanReference(
  reader: UpdateReader,
  { references }: Found,
  id: { readonly client: number; readonly clock: number },
): number {
  const client = reader.below(clientMax, 'a client id')
  const clock = reader.below(clockMax, 'a clock')
  if (client === id.client && clock >= id.clock) throw new UpdateRefused('an item refers to itself')
  const known = references.get(client)
  if (known === undefined || known < clock) references.set(client, clock)
  reader.lastClient = client
  return clock
}

const gc = 0
const skip = 10

/** Passes over the content of an item; gives its length in clocks. The numbers are Yjs' content refs. */
function scanContent(reader: UpdateReader, kind: number): number {
  switch (kind) {
    case 1: // deleted
      return reader.length()
    case 2: {
      // JSON, of old clients
      const length = reader.length()
      for (let left = length; left > 0; left -= 1) reader.jsonOrUndefined()
      return length
    }
    case 3: // binary
      reader.skip(reader.number())
      return 1
    case 4: // string
      return reader.string()
    case 5: // embed
      reader.json()
      return 1
    case 6: // format
      reader.key()
      reader.json()
      return 1
    case 7:
      scanType(reader)
      return 1
    case 8: {
      const length = reader.length()
      for (let left = length; left > 0; left -= 1) scanAny(reader, 0)
      return length
    }
    case 9:
      scanSubdocument(reader)
      return 1
    default:
      throw new UpdateRefused('a content is of a kind that is not kept here')
  }
}

/** A shared type: 0 array, 1 map, 2 text, 3 XML element, 4 XML fragment, 5 XML hook, 6 XML text. */
function scanType(reader: UpdateReader): void {
  const type = reader.number()
  if (type > 6) throw new UpdateRefused('a type is of no known kind')
  if (type === 3 || type === 5) reader.key()
}

/** Longest guid of a subdocument, in bytes: it also serves as a document name. */
const guidBytesMax = 256

/**
 * Reads a subdocument: its guid and the options that Yjs writes. Other options would reach the
 * `Y.Doc` constructor of every reader: `guid` would rename the subdocument, `gcFilter` would be
 * called.
 */
function scanSubdocument(reader: UpdateReader): void {
  reader.text(guidBytesMax)
  if (reader.byte() !== 118) throw new UpdateRefused('a subdocument has no options')
  for (let left = reader.count(reader.size); left > 0; left -= 1) {
    const option = reader.take(reader.keyBytesMax)
    if (option === 'meta') scanAny(reader, 1)
    else if (option !== 'gc' && option !== 'autoLoad') {
      throw new UpdateRefused('a subdocument has an unknown option')
    } else if (!isBoolean(reader.byte())) {
      throw new UpdateRefused('a subdocument option is not a boolean')
    }
  }
}

function isBoolean(kind: number): boolean {
  return kind === 120 || kind === 121
}

/** A value in lib0's encoding `any`. */
function scanAny(reader: UpdateReader, depth: number): void {
  if (depth > reader.valueDepthMax) throw new UpdateRefused('a value is nested too deep')
  const kind = reader.byte()
  switch (kind) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return
    case 125:
      return reader.integer()
    case 124:
      return reader.skip(4)
    case 123:
    case 122:
      return reader.skip(8)
    case 119:
      return reader.text(reader.size)
    case 118:
      for (let left = reader.count(reader.size); left > 0; left -= 1) {
        reader.key()
        scanAny(reader, depth + 1)
      }
      return
    case 117:
      for (let left = reader.count(reader.size); left > 0; left -= 1) scanAny(reader, depth + 1)
      return
    case 116:
      return reader.skip(reader.number())
    default:
      throw new UpdateRefused('a value is of no known kind')
  }
}
