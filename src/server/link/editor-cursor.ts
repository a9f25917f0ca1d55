/** What an editor's cursor or selection has: each is a relative position of Yjs. */
export const cursorEnds = ['anchor', 'head', 'focus'] as const

/**
 * Whether the `cursor` of a presence state is of the shape that editors write and read. Another shape (a number, `{x, y}`) is
 * another program's: it means nothing to an editor, and y-prosemirror throws on it.
 */
export function isEditorCursor(cursor: unknown): boolean {
  return (
    typeof cursor === 'object' &&
    cursor !== null &&
    cursorEnds.some((end) => Object.hasOwn(cursor, end))
  )
}
