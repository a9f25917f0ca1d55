import * as Y from 'yjs'
import { documentOf } from './committed-updates.ts'
import type { Authored } from './document-engine.ts'

/*
 * A document that was shared cannot be set back: others have what was written since. What takes something back is an update that
 * undoes it, as an editor's undo does, also where things were deleted: the history still has them.
 */

const tracked = Symbol('what is taken back')

/**
 * An update that takes a document back to what it was after the first `through` updates; undefined when nothing differs. The updates
 * are its whole history.
 */
export function restoreUpdate(
  updates: readonly Uint8Array[],
  through: number,
): Uint8Array | undefined {
  const doc = documentOf(updates.slice(0, through), false)
  return undo(doc, () => {
    doc.transact(() => {
      for (const update of updates.slice(through)) Y.applyUpdate(doc, update)
    }, tracked)
  })
}

/** An update that takes back what one user wrote and deleted; undefined where that is nothing. */
export function withoutUpdate(
  updates: readonly Authored[],
  userId: string,
): Uint8Array | undefined {
  const doc = new Y.Doc({ gc: false })
  return undo(doc, () => {
    for (const { userId: author, update } of updates) {
      Y.applyUpdate(doc, update, author === userId ? tracked : undefined)
    }
  })
}

/** Does something, and gives the update that undoes what of it was tracked. */
function undo(doc: Y.Doc, act: () => void): Uint8Array | undefined {
  const manager = new Y.UndoManager(doc, {
    trackedOrigins: new Set([tracked]),
    captureTimeout: Number.POSITIVE_INFINITY,
  })
  act()
  const before = Y.encodeStateVector(doc)
  let changed = false
  doc.on('update', () => {
    changed = true
  })
  while (manager.canUndo()) manager.undo()
  manager.destroy()
  return changed ? Y.encodeStateAsUpdate(doc, before) : undefined
}
