import * as Y from 'yjs'
import { partUpdate } from './applicable-part.ts'
import { liesRight } from './check-neighbors.ts'
import { saysOtherwise } from './client-id-conflict.ts'
import type {
  Checked,
  CheckRequest,
  DocumentSource,
  EngineLimits,
  Repeated,
  StateVector,
  UpdateFault,
} from './document-engine.ts'
import { DocumentSize } from './document-size.ts'
import { keepUnknown } from './editor-schema.ts'
import { claim, claimCommitted, makersOf } from './owners.ts'
import { endOf, type ScannedUpdate, scanUpdate, unbounded } from './scan-update.ts'
import { unfold } from './unfold.ts'
import { UpdateRefused, UpdateTooLarge } from './update-reader.ts'

/** The engine's copy of one document. */
export interface Copy {
  readonly doc: Y.Doc
  readonly owners: Map<number, string>
  /** State vector of the content deleted under this name. */
  readonly deleted?: StateVector
  /** Bytes of the updates it was made of. */
  bytes: number
  readonly size: DocumentSize
}

/** What a check came to; `spoilt` where the copy must not be used any more. */
export interface CheckOutcome {
  readonly checked: Checked
  readonly spoilt: boolean
}

/** Makes a copy of a document from committed updates. Throws where they are not one. */
export function loadCopy(source: DocumentSource): Copy {
  const { owners, parts, updates, keepsDeleted, deleted } = source
  const doc = new Y.Doc({ gc: keepsDeleted !== true })
  const known = new Map(owners)
  let bytes = 0
  doc.transact(() => {
    for (const part of parts) {
      Y.applyUpdate(doc, part)
      bytes += part.length
    }
    for (const update of updates) {
      claimCommitted(known, update)
      Y.applyUpdate(doc, update.update)
      bytes += update.update.length
    }
  })
  if (isPending(doc)) throw new Error('the committed updates are not a whole document')
  const size = new DocumentSize(doc)
  return { doc, owners: known, bytes, size, ...(deleted === undefined ? {} : { deleted }) }
}

/**
 * Looks at an update and applies it to the copy. It is read without being built first, held against what the document has, applied, and
 * what changed is encoded from the document and read again: what is left of a peer's bytes then is only what a document says.
 */
export function checkUpdate(copy: Copy, request: CheckRequest, limits: EngineLimits): CheckOutcome {
  let scanned: ScannedUpdate
  try {
    scanned = scanUpdate(request.update, limits)
  } catch (error) {
    if (!(error instanceof UpdateRefused)) throw error
    if (error instanceof UpdateTooLarge) return refused('DOCUMENT_FULL', error.message)
    return refused('BAD_UPDATE', `the update was refused: ${error.message}`)
  }
  if (request.revives !== true && bringsBack(copy, scanned)) {
    return refused('DELETED', 'the update belongs to a document that was deleted')
  }
  if (!request.write) {
    return isNew(copy.doc, scanned) ? refused('READ_ONLY', 'this user may only read') : nothingNew
  }
  if (!hasGap(copy.doc, scanned)) return checkWhole(copy, { ...request, scanned }, limits)
  const parted = partUpdate(copy.doc, request.update)
  if (parted === undefined) return checkWhole(copy, { ...request, scanned }, limits)
  if (request.partly !== true) {
    return refused('GAP', 'the update depends on missing changes')
  }
  const { sound: update, aside } = parted
  const sound = { ...request, update, scanned: scanUpdate(update, unbounded) }
  const { checked, spoilt } = checkWhole(copy, sound, limits)
  const isTaken = checked.kind === 'new' || checked.kind === 'nothing new'
  return { checked: isTaken ? { ...checked, aside } : checked, spoilt }
}

type WholeRequest = CheckRequest & { readonly scanned: ScannedUpdate }

/** Checks an update whose dependencies are all present. */
function checkWhole(copy: Copy, request: WholeRequest, limits: EngineLimits): CheckOutcome {
  const { doc } = copy
  const { update: sent, scanned: asSent, vocabulary } = request
  if (saysOtherwise(doc, sent, asSent)) {
    return refused(
      'CLIENT_ID_TAKEN',
      'the update conflicts with existing items that have the same ids',
    )
  }
  const hasNews = asSent.clients.some(({ client, to }) => to > Y.getState(doc.store, client))
  if (hasNews && !copy.size.hasRoom(request)) {
    // An update without deletions can be sized without applying it.
    const isDecided =
      request.documentBytesMax === undefined ||
      asSent.deletes.every((range) => isDeleted(doc.store, range))
    if (isDecided) return full(request)
  }
  const update = unfold(doc, sent, asSent)
  const scanned = update === sent ? asSent : scanUpdate(update, unbounded)
  const guarded =
    vocabulary === undefined
      ? { update, kept: 0 }
      : keepUnknown(doc, { update, scanned, vocabulary })
  const repeated = repeatedIn(copy, request)
  const { checked, spoilt } = apply(copy, guarded, request, limits)
  const isTaken = checked.kind === 'new' || checked.kind === 'nothing new'
  const isRepeated = isTaken && repeated !== undefined
  return { checked: isRepeated ? { ...checked, repeated } : checked, spoilt }
}

/**
 * What a page sends again that it wrote itself: its user owns the client id under which it writes.
 */
function repeatedIn(
  { doc: { store }, owners }: Copy,
  { client, userId, scanned }: WholeRequest,
): Repeated | undefined {
  if (client === undefined || scanned.hasSkips || owners.get(client) !== userId) return undefined
  const own = scanned.clients.find((range) => range.client === client)
  if (own === undefined) return undefined
  const to = Math.min(own.to, Y.getState(store, client))
  return own.from < to ? { client, from: own.from, to } : undefined
}

/**
 * Whether an update brings back content of a deleted document, sent by a client that still has it.
 */
function bringsBack({ doc: { store }, deleted }: Copy, { clients }: ScannedUpdate): boolean {
  if (deleted === undefined) return false
  return clients.some(({ client, from, to }) => {
    const state = Y.getState(store, client)
    return to > state && Math.max(from, state) < (deleted.get(client) ?? 0)
  })
}

function hasGap({ store }: Y.Doc, scanned: ScannedUpdate): boolean {
  const { clients, deletes, references, hasSkips } = scanned
  for (const { client, from, to } of clients) {
    const state = Y.getState(store, client)
    if (to > state && (hasSkips || from > state)) return true
  }
  for (const [client, clock] of references) {
    if (clock >= Y.getState(store, client) && clock >= endOf(scanned, client)) return true
  }
  for (const { client, clock, length } of deletes) {
    const end = clock + length
    if (end > Y.getState(store, client) && end > endOf(scanned, client)) return true
  }
  return false
}

function isNew({ store }: Y.Doc, { clients, deletes }: ScannedUpdate): boolean {
  return (
    clients.some(({ client, to }) => to > Y.getState(store, client)) ||
    deletes.some((range) => !isDeleted(store, range))
  )
}

function full({ documentBytesMax, growthBytesMax }: CheckRequest): CheckOutcome {
  const limit = documentBytesMax ?? growthBytesMax
  return refused('DOCUMENT_FULL', `the document would exceed the limit of ${limit} bytes`)
}

function isDeleted(
  store: Y.Doc['store'],
  { client, clock, length }: { client: number; clock: number; length: number },
): boolean {
  const structs = store.clients.get(client) ?? []
  if (clock + length > Y.getState(store, client)) return false
  for (let at = Y.findIndexSS(structs, clock); at < structs.length; at += 1) {
    const struct = structs[at]
    if (struct === undefined || struct.id.clock >= clock + length) break
    if (!struct.deleted) return false
  }
  return true
}

function apply(
  copy: Copy,
  { update, kept }: { readonly update: Uint8Array; readonly kept: number },
  request: CheckRequest,
  limits: EngineLimits,
): CheckOutcome {
  const { doc, owners } = copy
  const { userId, imported = false, documentBytesMax = Number.POSITIVE_INFINITY } = request
  const sizeBefore = copy.size.hasRoom({ ...request, update }) ? undefined : copy.size.known
  const deltas: Uint8Array[] = []
  const note = (delta: Uint8Array): void => void deltas.push(delta)
  const subdocuments = doc.subdocs.size
  doc.on('update', note)
  try {
    Y.applyUpdate(doc, update)
    if (isPending(doc))
      return { ...refused('BAD_UPDATE', 'parts of the update fit nowhere'), spoilt: true }
    if (doc.subdocs.size > Math.max(subdocuments, limits.subdocumentsMax)) {
      return { ...refused('DOCUMENT_FULL', 'the document has too many subdocuments'), spoilt: true }
    }
    const [first] = deltas
    if (first === undefined) return kept > 0 ? keptOnly(kept) : nothingNew
    const delta = deltas.length === 1 ? first : Y.mergeUpdates(deltas)
    const scanned = scanUpdate(delta, unbounded)
    Y.decodeUpdate(delta)
    if (!liesRight(doc, scanned.clients, limits)) {
      return {
        ...refused('BAD_UPDATE', 'parts of the update lie where nobody could have put them'),
        spoilt: true,
      }
    }
    copy.size.grew(delta.length, scanned.deletes.length > 0)
    // An update that only deletes, or makes the document smaller, always has room.
    const isBounded = sizeBefore !== undefined && scanned.clients.length > 0
    if (isBounded && copy.size.measure() > Math.max(documentBytesMax, sizeBefore)) {
      return { ...full(request), spoilt: true }
    }
    const madeBy = makersOf(owners, scanned, userId, imported)
    if (madeBy.length === 0) claim(owners, scanned, userId)
    copy.bytes += delta.length
    const advanced = new Map(scanned.clients.map(({ client, to }) => [client, to]))
    return { checked: { kind: 'new', delta, advanced, kept, madeBy }, spoilt: false }
  } catch (error) {
    // Yjs throws halfway through; what it had applied by then is in the copy and nowhere else.
    const reason = error instanceof Error ? error.message : String(error)
    return { ...refused('BAD_UPDATE', `the update could not be applied: ${reason}`), spoilt: true }
  } finally {
    doc.off('update', note)
  }
}

/** Whether something waits in a document for what it follows on. */
export function isPending({ store }: Y.Doc): boolean {
  return store.pendingStructs !== null || store.pendingDs !== null
}

const nothingNew: CheckOutcome = { checked: { kind: 'nothing new', kept: 0 }, spoilt: false }

function keptOnly(kept: number): CheckOutcome {
  return { checked: { kind: 'nothing new', kept }, spoilt: false }
}

function refused(fault: UpdateFault, message: string): CheckOutcome {
  return { checked: { kind: 'refused', fault, message }, spoilt: false }
}
