import { IndexeddbPersistence } from 'y-indexeddb'
import { Doc } from 'yjs'
import { type PageNode, readPage } from './read-page.ts'

/** A local copy of a page whose changes the server rejected. */
export interface KeptCopy {
  readonly store: string
  readonly atMs: number
  /** Why the server rejected it. */
  readonly why: string
}

interface Copies {
  /** How often the current copy was set aside for a new one. */
  readonly generation: number
  readonly kept: readonly KeptCopy[]
}

const keyOf = (name: string): string => `page-copies:${name}`

/** The IndexedDB name of the current copy of a page. */
export function storeOf(name: string): string {
  const { generation } = copiesOf(name)
  return generation === 0 ? `page:${name}` : `page:${name}:${generation}`
}

/** The copies of a page that were set aside, newest first. */
export function keptCopies(name: string): readonly KeptCopy[] {
  return copiesOf(name).kept
}

/**
 * Sets the current copy aside. It stays in this browser; the page is next opened from the server.
 */
export function putAside(name: string, why: string, nowMs: number): void {
  const { generation, kept } = copiesOf(name)
  const copy = { store: storeOf(name), atMs: nowMs, why }
  save(name, { generation: generation + 1, kept: [copy, ...kept] })
}

/** Reads a copy that was set aside. */
export async function readKept({ store }: KeptCopy): Promise<PageNode> {
  const doc = new Doc()
  const kept = new IndexeddbPersistence(store, doc)
  await kept.whenSynced
  const page = readPage(doc)
  await kept.destroy()
  doc.destroy()
  return page
}

/** Deletes a copy that was set aside. */
export function deleteKept(name: string, { store }: KeptCopy): void {
  const copies = copiesOf(name)
  save(name, { ...copies, kept: copies.kept.filter((copy) => copy.store !== store) })
  indexedDB.deleteDatabase(store)
}

function save(name: string, copies: Copies): void {
  localStorage.setItem(keyOf(name), JSON.stringify(copies))
}

function copiesOf(name: string): Copies {
  try {
    const { generation, kept } = JSON.parse(localStorage.getItem(keyOf(name)) ?? '') as Copies
    if (Number.isSafeInteger(generation) && Array.isArray(kept)) return { generation, kept }
  } catch {
    // Nothing stored, or an entry that this app did not write.
  }
  return { generation: 0, kept: [] }
}
