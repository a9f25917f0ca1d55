import { RusherError } from '../../../protocol/index.ts'
import type { Cursor } from '../../link/document-messages.ts'
import type { Payload, Storage, StoredEvent } from '../../storage/storage.ts'
import type {
  Authored,
  DocumentEngine,
  DocumentSource,
  Opening,
  StateVector,
} from '../yjs/document-engine.ts'
import { documentLimits } from './document-limits.ts'
import {
  decodeRow,
  decodeSnapshot,
  encodeStateVector,
  type Row,
  type Snapshot,
} from './document-record.ts'
import {
  addUnconfirmed,
  type ClockRange,
  confirm,
  lowered,
  type UnconfirmedRanges,
} from './unconfirmed.ts'

/** A page of a document, and where it ends. */
export interface DocumentPage {
  readonly updates: readonly Uint8Array[]
  readonly next: Cursor
  readonly more: boolean
  readonly stateVector: Uint8Array
}

/** A row with its place. */
export interface PlacedRow extends Row {
  readonly offset: number
}

/**
 * What a document consists of on disk, held as the bytes that were stored: a snapshot's parts and every update since. Reading
 * it takes no Yjs document. Only what is committed is ever in it.
 */
export interface DocumentLog {
  /** Epoch of the storage: positions of different epochs are unrelated. */
  readonly epoch: string
  readonly head: number
  /** Whether it has no content: never written, or deleted and not written since. */
  readonly isEmpty: boolean
  /** State vector of the content deleted under this name; absent if none was. */
  readonly deleted: StateVector | undefined
  /** Offset through which the snapshot goes; 0 without one. */
  readonly snapshotOffset: number
  readonly snapshotBytes: number
  /** Bytes of the updates since the snapshot. */
  readonly rowsBytes: number
  readonly rows: readonly PlacedRow[]
  readonly stateVector: StateVector
  readonly source: DocumentSource
  /**
   * What others than the owner of a client id sent under it last, and its owner did not send too.
   */
  readonly unconfirmed: UnconfirmedRanges
  /** All of it, as updates in order. */
  updates(): readonly Uint8Array[]
  committed(offset: number, row: Row): void
  /** Records that everything through an offset was deleted, with the state vector at that point. */
  erased(offset: number, deleted: StateVector): void
  /** A snapshot through an offset takes the place of what is before it. */
  compacted(offset: number, snapshot: Opening): void
  /** The page that writes under a client id of its user's own has sent the same as is here. */
  confirm(client: number, range: ClockRange): void
  /**
   * The state vector, encoded, that asks a user for what others sent under the user's client ids;
   * undefined where there is nothing to ask for.
   */
  asksOf(userId: string): Uint8Array | undefined
  /** The page after a cursor; with a state vector, without what its sender has. */
  page(cursor: Cursor, stateVector: Uint8Array | undefined): Promise<DocumentPage>
}

/** An opening that joiners share, and the offset through which it goes. */
interface SharedOpening extends Opening {
  readonly no: number
  readonly through: number
}

/** Reads a document's log as it is on disk. Rejects with a RusherError; nothing of a log that cannot be read whole is given. */
export async function openDocumentLog(
  channel: string,
  storage: Storage,
  engine: DocumentEngine,
  keepsDeleted: boolean,
  deleted?: StateVector,
): Promise<DocumentLog> {
  const { epoch, head, begin } = await storage.open(channel)
  const stored = await storage.readSnapshot(channel)
  const snapshot = stored === undefined ? undefined : decodeSnapshot(bytesOf(stored.payload))
  const snapshotOffset = stored?.offset ?? 0
  if (begin > snapshotOffset + 1) {
    throw new RusherError(
      'STORAGE_CORRUPT',
      `${channel}: the updates ${snapshotOffset + 1} to ${begin - 1} are gone and no snapshot stands for them`,
    )
  }
  const rows = await readRows(channel, storage, snapshotOffset)
  if (rows.length !== Math.max(0, head - snapshotOffset)) {
    // Between the calls somebody appended; only the holder of the document does, so it is another process.
    throw new RusherError('STORAGE_UNAVAILABLE', `${channel}: the log changed while it was read`)
  }
  return createDocumentLog(engine, {
    epoch,
    head,
    snapshotOffset,
    snapshot,
    rows,
    keepsDeleted,
    deleted,
  })
}

/** Reads all rows after an offset. */
export async function readRows(
  channel: string,
  storage: Storage,
  after: number,
): Promise<readonly PlacedRow[]> {
  const rows: PlacedRow[] = []
  for (let last = after; ; ) {
    const { events } = await storage.readAfter(
      channel,
      last,
      documentLimits.readEventsMax,
      documentLimits.readBytesMax,
    )
    for (const event of events) rows.push(rowOf(channel, event))
    const end = events.at(-1)
    if (end === undefined) return rows
    last = end.offset
  }
}

function rowOf(channel: string, { offset, payload }: StoredEvent): PlacedRow {
  if (payload === undefined) {
    throw new RusherError('STORAGE_CORRUPT', `${channel} at ${offset}: the update was erased`)
  }
  return { offset, ...decodeRow(bytesOf(payload)) }
}

/** The bytes of an entry. Text was written by something else than a document. */
export function bytesOf(payload: Payload): Uint8Array {
  if (typeof payload !== 'string') return payload
  throw new RusherError('STORAGE_CORRUPT', 'an entry of a document is text where bytes belong')
}

interface Read {
  readonly epoch: string
  readonly deleted: StateVector | undefined
  readonly head: number
  readonly snapshotOffset: number
  readonly snapshot: Snapshot | undefined
  readonly rows: readonly PlacedRow[]
  readonly keepsDeleted: boolean
}

function createDocumentLog(engine: DocumentEngine, read: Read): DocumentLog {
  let { head, snapshotOffset, deleted } = read
  let parts = read.snapshot?.parts ?? []
  /** With those of the rows. */
  const owners = new Map(read.snapshot?.owners)
  const unconfirmed = new Map(read.snapshot?.unconfirmed)
  let rows = [...read.rows]
  let snapshotBytes = sizeOf(parts)
  let rowsBytes = sizeOf(rows.map(({ update }) => update))
  const stateVector = new Map(read.snapshot?.stateVector ?? [])
  for (const row of rows) advance(row)
  let openings = 0
  let shared: SharedOpening | undefined
  let making: Promise<SharedOpening> | undefined

  function advance({ advanced, author, madeBy = [] }: Row): void {
    const isOwn = madeBy.length === 0
    for (const [client, to] of advanced) {
      const owner = owners.get(client)
      if (isOwn) {
        if (owner === undefined && author.id !== '') owners.set(client, author.id)
      } else if (owner !== undefined && owner !== author.id) {
        const range = { from: stateVector.get(client) ?? 0, to }
        addUnconfirmed(unconfirmed, client, range, documentLimits.unconfirmedMax)
      }
      stateVector.set(client, to)
    }
  }

  function rowsAfter(offset: number): readonly PlacedRow[] {
    return rows.slice(Math.max(0, offset - snapshotOffset))
  }

  /** The opening for whoever comes now: the one that others got, as long as little was added to it. */
  function opening(): SharedOpening | Promise<SharedOpening> {
    if (shared !== undefined && isRecent(shared)) return shared
    if (making !== undefined) return making
    const through = head
    const few =
      rows.length <= documentLimits.openingRowsMax && rowsBytes <= documentLimits.openingBytesMax
    if (few) return share(snapshotOffset, { parts, stateVector })
    const made = engine.opening(updates()).then((next) => share(through, next))
    making = made
    void made
      .catch(() => undefined)
      .finally(() => {
        making = undefined
      })
    return made
  }

  function share(through: number, { parts: next, stateVector: vector }: Opening): SharedOpening {
    openings += 1
    shared = { no: openings, through, parts: next, stateVector: vector }
    return shared
  }

  function isRecent({ through }: SharedOpening): boolean {
    // What was compacted away meanwhile cannot be added to it.
    if (through < snapshotOffset) return false
    const added = rowsAfter(through)
    return (
      added.length <= documentLimits.openingRowsMax &&
      sizeOf(added.map(({ update }) => update)) <= documentLimits.openingBytesMax
    )
  }

  function updates(): readonly Uint8Array[] {
    return [...parts, ...rows.map(({ update }) => update)]
  }

  async function page(cursor: Cursor, vector: Uint8Array | undefined): Promise<DocumentPage> {
    const bytesMax =
      vector === undefined ? documentLimits.pageBytesMax : documentLimits.differenceBytesMax
    const known = cursor.opening !== 0 && shared?.no === cursor.opening ? shared : undefined
    // Somebody whose place is only known by an offset goes on from there, unless that was compacted away.
    if (cursor.opening === 0 && cursor.after > 0 && cursor.after >= snapshotOffset) {
      return rowsPage(cursor.after, bytesMax, vector)
    }
    const from = known ?? (await opening())
    const part = known === undefined ? 0 : cursor.part
    const taken = takeBytes(from.parts.slice(part), bytesMax)
    const next = part + taken.length
    if (next >= from.parts.length && taken.length === 0) {
      return rowsPage(from.through, bytesMax, vector)
    }
    const ended = next >= from.parts.length
    return finish({
      updates: await without(taken, vector),
      next: ended
        ? { opening: 0, part: 0, after: from.through }
        : { opening: from.no, part: next, after: 0 },
      // A document whose opening is empty and which has no rows is at its head at offset 0.
      more: !ended || from.through < head,
    })
  }

  async function rowsPage(
    after: number,
    bytesMax: number,
    vector: Uint8Array | undefined,
  ): Promise<DocumentPage> {
    const taken = takeBytes(
      rowsAfter(after).map(({ update }) => update),
      bytesMax,
    )
    const through = after + taken.length
    const raw =
      taken.length <= documentLimits.pageRowsMax ? taken : (await engine.opening(taken)).parts
    const left = await without(raw, vector)
    return finish({
      updates: left,
      next: { opening: 0, part: 0, after: through },
      more: through < head,
    })
  }

  function finish(made: Omit<DocumentPage, 'stateVector'>): DocumentPage {
    return { ...made, stateVector: encodeStateVector(stateVector) }
  }

  function without(
    some: readonly Uint8Array[],
    vector: Uint8Array | undefined,
  ): readonly Uint8Array[] | Promise<readonly Uint8Array[]> {
    return vector === undefined || some.length === 0 ? some : engine.difference(some, vector)
  }

  return {
    epoch: read.epoch,
    get head() {
      return head
    },
    get isEmpty() {
      return parts.length === 0 && rows.length === 0
    },
    get deleted() {
      return deleted
    },
    get snapshotOffset() {
      return snapshotOffset
    },
    get snapshotBytes() {
      return snapshotBytes
    },
    get rowsBytes() {
      return rowsBytes
    },
    get rows() {
      return rows
    },
    stateVector,
    unconfirmed,
    get source() {
      return {
        owners,
        parts,
        keepsDeleted: read.keepsDeleted,
        updates: rows.map(authoredOf),
        ...(deleted === undefined ? {} : { deleted }),
      }
    },
    updates,
    committed(offset, row) {
      if (offset !== head + 1) throw new Error(`offset ${offset} does not follow head ${head}`)
      head = offset
      rows.push({ offset, ...row })
      rowsBytes += row.update.length
      advance(row)
    },
    erased(offset, vector) {
      rows = rows.filter((row) => row.offset > offset)
      snapshotOffset = offset
      parts = []
      owners.clear()
      unconfirmed.clear()
      snapshotBytes = 0
      rowsBytes = sizeOf(rows.map(({ update }) => update))
      shared = undefined
      deleted = vector
      stateVector.clear()
      for (const row of rows) advance(row)
    },
    compacted(offset, snapshot) {
      rows = rows.filter((row) => row.offset > offset)
      snapshotOffset = offset
      parts = snapshot.parts
      snapshotBytes = sizeOf(parts)
      rowsBytes = sizeOf(rows.map(({ update }) => update))
      shared = undefined
    },
    confirm: (client, range) => confirm(unconfirmed, client, range),
    asksOf(userId) {
      if (unconfirmed.size === 0) return undefined
      const vector = lowered(stateVector, unconfirmed, (client) => owners.get(client) === userId)
      return vector && encodeStateVector(vector)
    },
    page,
  }
}

/** The first of the updates, as many as fit; at least one. */
function takeBytes(updates: readonly Uint8Array[], bytesMax: number): readonly Uint8Array[] {
  let bytes = 0
  const end = updates.findIndex((update, index) => {
    bytes += update.length
    return bytes > bytesMax && index > 0
  })
  return end === -1 ? updates : updates.slice(0, end)
}

/** Converts a row to the engine's input. */
export function authoredOf({ author, madeBy = [], update }: Row): Authored {
  return { userId: author.id, madeBy, update }
}

function sizeOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0)
}
