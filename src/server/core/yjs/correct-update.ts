import * as Y from 'yjs'
import type { Copy } from './check-update.ts'
import type { Checked } from './document-engine.ts'
import { scanUpdate, unbounded } from './scan-update.ts'
import { correct, type SchemaGuard } from './schema-guard.ts'

type New = Extract<Checked, { kind: 'new' }>

/**
 * Runs the guard on an update that was just applied to a copy. Corrections become part of the same
 * update: they are logged and delivered together, so that no client sees one without the other.
 */
export function correctNew(copy: Copy, checked: New, guard: SchemaGuard): New {
  const { doc } = copy
  const found = guard.look(doc, scanUpdate(checked.delta, unbounded).clients)
  if (found.length === 0) return checked
  const corrections: Uint8Array[] = []
  const note = (delta: Uint8Array): void => void corrections.push(delta)
  doc.on('update', note)
  let corrected: number
  try {
    corrected = correct(doc, found)
  } finally {
    doc.off('update', note)
  }
  const delta = Y.mergeUpdates([checked.delta, ...corrections])
  const { clients } = scanUpdate(delta, unbounded)
  copy.bytes += delta.length - checked.delta.length
  return {
    ...checked,
    delta,
    advanced: new Map(clients.map(({ client, to }) => [client, to])),
    corrected,
  }
}
