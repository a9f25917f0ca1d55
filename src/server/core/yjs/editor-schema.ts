import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'
import type { EditorSchema } from './document-engine.ts'
import type { ScannedDelete, ScannedUpdate } from './scan-update.ts'

/** Marks of the same kind that overlap carry a hash of their attributes behind their name. */
const hashedMark = /--[a-zA-Z0-9+/=]{8}$/

/** The name of the mark that a format of a text stands for. */
export function markNameOf(key: string): string {
  return key.replace(hashedMark, '')
}

/** What y-prosemirror itself writes beside a schema's marks. */
const ownMark = 'ychange'

/**
 * Takes out of an update what an editor deletes because it cannot show it. y-prosemirror deletes every element whose name its schema
 * does not have, and every text with a mark that it does not have; nobody meant that. `kept` counts what stays.
 */
export function keepUnknown(
  doc: Y.Doc,
  given: {
    readonly update: Uint8Array
    readonly scanned: ScannedUpdate
    readonly vocabulary: EditorSchema
  },
): { readonly update: Uint8Array; readonly kept: number } {
  const { update, scanned, vocabulary } = given
  const isUnknown = createJudge(vocabulary)
  let kept = 0
  const left: ScannedDelete[] = []
  for (const range of scanned.deletes) {
    const { client, clock, length } = range
    let from = clock
    for (const item of itemsIn(doc, range)) {
      if (!isUnknown(item)) continue
      kept += 1
      const begin = Math.max(item.id.clock, from)
      if (begin > from) left.push({ client, clock: from, length: begin - from })
      from = Math.min(item.id.clock + item.length, clock + length)
    }
    if (from < clock + length) left.push({ client, clock: from, length: clock + length - from })
  }
  if (kept === 0) return { update, kept }
  return {
    update: Buffer.concat([update.subarray(0, scanned.deletesAt), encodeDeletes(left)]),
    kept,
  }
}

/** The items of a range that are still there. */
function* itemsIn({ store }: Y.Doc, { client, clock, length }: ScannedDelete): Generator<Y.Item> {
  const structs = store.clients.get(client)
  if (structs === undefined || clock >= Y.getState(store, client)) return
  for (let at = Y.findIndexSS(structs, clock); at < structs.length; at += 1) {
    const struct = structs[at]
    if (struct === undefined || struct.id.clock >= clock + length) return
    if (struct instanceof Y.Item && !struct.deleted) yield struct
  }
}

function createJudge({ nodes, marks }: EditorSchema): (item: Y.Item) => boolean {
  const nodeNames = new Set(nodes)
  const markNames = new Set([...marks, ownMark])
  const judged = new Map<Y.AbstractType<unknown>, boolean>()

  /** Whether the editor cannot show this type, or something that it is in. */
  function judge(type: Y.AbstractType<unknown>): boolean {
    const known = judged.get(type)
    if (known !== undefined) return known
    const above = type._item?.parent
    const unknown =
      (type instanceof Y.XmlElement && !nodeNames.has(type.nodeName)) ||
      (type instanceof Y.XmlText && hasUnknownMark(type)) ||
      (above instanceof Y.AbstractType && judge(above))
    judged.set(type, unknown)
    return unknown
  }

  function hasUnknownMark(text: Y.XmlText): boolean {
    for (let item = text._start; item !== null; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentFormat)) continue
      const { key, value } = item.content
      if (value !== null && !markNames.has(markNameOf(key))) return true
    }
    return false
  }

  return ({ content, parent }) => {
    if (content instanceof Y.ContentType) return judge(content.type)
    return parent instanceof Y.AbstractType && judge(parent)
  }
}

/** Encodes a delete set as Yjs does. */
export function encodeDeletes(deletes: readonly ScannedDelete[]): Uint8Array {
  const byClient = Map.groupBy(deletes, ({ client }) => client)
  const encoder = createEncoder()
  writeVarUint(encoder, byClient.size)
  for (const [client, ranges] of byClient) {
    writeVarUint(encoder, client)
    writeVarUint(encoder, ranges.length)
    for (const { clock, length } of ranges) {
      writeVarUint(encoder, clock)
      writeVarUint(encoder, length)
    }
  }
  return toUint8Array(encoder)
}
