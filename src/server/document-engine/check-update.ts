import * as Y from 'yjs'
import type {
  Checked,
  CheckRequest,
  DocumentSource,
  EngineLimits,
  UpdateFault,
} from './document-engine.ts'
import { liesRight } from './neighbours.ts'
import { type ScannedUpdate, scanUpdate, UpdateRefused } from './scan-update.ts'
import { unfold } from './unfold.ts'
import { keepUnknown } from './vocabulary.ts'

/** The engine's copy of one document. */
export interface Copy {
  readonly doc: Y.Doc
  readonly owners: Map<number, string>
  /** Bytes of the updates it was made of. */
  bytes: number
}

/** What a check came to; `spoilt` where the copy must not be used any more. */
export interface CheckOutcome {
  readonly checked: Checked
  readonly spoilt: boolean
}

/** Our own deltas may be as long as the document. */
const unbounded = {
  updateStructsMax: Number.MAX_SAFE_INTEGER,
  updateDeletesMax: Number.MAX_SAFE_INTEGER,
  updateLengthMax: Number.MAX_SAFE_INTEGER,
}

/** Makes a copy of a document from committed updates. Throws where they are not one. */
export function loadCopy({ owners, parts, updates }: DocumentSource): Copy {
  const doc = new Y.Doc()
  const known = new Map(owners)
  let bytes = 0
  doc.transact(() => {
    for (const part of parts) {
      Y.applyUpdate(doc, part)
      bytes += part.length
    }
    for (const { userId, update } of updates) {
      claim(known, scanUpdate(update, unbounded), userId)
      Y.applyUpdate(doc, update)
      bytes += update.length
    }
  })
  if (isPending(doc)) throw new Error('the committed updates are not a whole document')
  return { doc, owners: known, bytes }
}

/** Client ids belong to whoever first wrote under them. */
export function claim(
  owners: Map<number, string>,
  { clients }: Pick<ScannedUpdate, 'clients'>,
  userId: string,
): void {
  for (const { client } of clients) if (!owners.has(client)) owners.set(client, userId)
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
    return refused('BAD_UPDATE', `the update was refused: ${error.message}`)
  }
  const fault = faultOf(copy, scanned, request)
  if (fault !== undefined) return fault
  const { vocabulary } = request
  const update = unfold(copy.doc, request.update, scanned)
  const guarded =
    vocabulary === undefined
      ? { update, kept: 0 }
      : keepUnknown(copy.doc, { update, scanned, vocabulary })
  return apply(copy, guarded, { userId: request.userId, limits })
}

function faultOf(
  { doc, owners }: Copy,
  scanned: ScannedUpdate,
  { userId, write, growthBytesMax, update }: CheckRequest,
): CheckOutcome | undefined {
  const { store } = doc
  const { clients, deletes, references } = scanned
  const ends = new Map(clients.map(({ client, to }) => [client, to]))
  const clockOf = (client: number): number =>
    Math.max(Y.getState(store, client), ends.get(client) ?? 0)
  const news = clients.filter(({ client, to }) => to > Y.getState(store, client))
  const gap =
    news.some(({ client, from }) => from > Y.getState(store, client)) ||
    [...references].some(([client, clock]) => clock >= clockOf(client)) ||
    deletes.some(({ client, clock, length }) => clock + length > clockOf(client))
  if (gap) return refused('GAP', 'the update follows on something that is not there')
  if (!write) {
    const isNew = news.length > 0 || deletes.some((range) => !isDeleted(store, range))
    return isNew ? refused('READ_ONLY', 'this user may only read') : nothingNew
  }
  const forged = news.some(({ client }) => (owners.get(client) ?? userId) !== userId)
  if (forged) return refused('FORGED', 'the update writes under the client id of another user')
  if (news.length > 0 && newBytes(doc, update, growthBytesMax) > growthBytesMax) {
    return refused('DOCUMENT_FULL', 'the document would be larger than it may be')
  }
  return undefined
}

/** How much of an update is new: looked at closely only where it could be too much. */
function newBytes(doc: Y.Doc, update: Uint8Array, enough: number): number {
  return update.length <= enough
    ? update.length
    : Y.diffUpdate(update, Y.encodeStateVector(doc)).length
}

function isDeleted(
  store: Y.Doc['store'],
  { client, clock, length }: { client: number; clock: number; length: number },
): boolean {
  const structs = store.clients.get(client) ?? []
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
  { userId, limits }: { readonly userId: string; readonly limits: EngineLimits },
): CheckOutcome {
  const { doc, owners } = copy
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
    if (!liesRight(doc, scanned.clients)) {
      return {
        ...refused('BAD_UPDATE', 'parts of the update lie where nobody could have put them'),
        spoilt: true,
      }
    }
    claim(owners, scanned, userId)
    copy.bytes += delta.length
    const advanced = new Map(scanned.clients.map(({ client, to }) => [client, to]))
    return { checked: { kind: 'new', delta, advanced, kept }, spoilt: false }
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
