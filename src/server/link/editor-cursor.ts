/** Keys of an editor's cursor or selection; each is a Yjs relative position. */
export const cursorEnds = ['anchor', 'head', 'focus'] as const

/**
 * Whether the `cursor` of a presence state has the shape that editors use. Other programs use other
 * shapes (a number, `{x, y}`), on which y-prosemirror throws.
 */
export function isEditorCursor(cursor: unknown): boolean {
  return (
    typeof cursor === 'object' &&
    cursor !== null &&
    cursorEnds.some((end) => Object.hasOwn(cursor, end))
  )
}
