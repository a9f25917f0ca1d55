import * as Y from 'yjs'

/**
 * Whether committed updates contain XML elements, as y-prosemirror and similar bindings create
 * them. Elements that were deleted and compacted away do not count.
 */
export function holdElements(updates: readonly Uint8Array[]): boolean {
  return updates.some((update) => Y.decodeUpdate(update).structs.some(isElement))
}

function isElement(struct: ReturnType<typeof Y.decodeUpdate>['structs'][number]): boolean {
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType)) return false
  return struct.content.type instanceof Y.XmlElement
}
