import * as Y from 'yjs'

/**
 * Whether there are XML elements in committed updates: what y-prosemirror and its kin make of a text. Those that were
 * deleted and compacted away do not count.
 */
export function holdElements(updates: readonly Uint8Array[]): boolean {
  return updates.some((update) => Y.decodeUpdate(update).structs.some(isElement))
}

function isElement(struct: ReturnType<typeof Y.decodeUpdate>['structs'][number]): boolean {
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType)) return false
  return struct.content.type instanceof Y.XmlElement
}
