import { IndexeddbPersistence } from 'y-indexeddb'
import { Doc } from 'yjs'
import { type PageNode, readPage } from './read-page.ts'

/** A local copy of a page that was set aside. */
export interface KeptCopy {
  readonly store: string
  readonly atMs: number
  /** Why it was set aside. */
  readonly why: string
}

interface Copies {
  /** How often the current copy was set aside for a new one. */
  readonly generation: number
  readonly kept: readonly KeptCopy[]
  /** The page was deleted: the server never accepts the current copy again. */
  readonly deleted?: boolean
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
 * Sets a copy aside. It stays in this browser; the page is next opened from the server. Does
 * nothing when another tab has already set it aside: the current copy is a newer one.
 */
export function putAside(name: string, { store, why, atMs }: KeptCopy): void {
  if (storeOf(name) !== store) return
  const { generation, kept } = copiesOf(name)
  const copy = { store, atMs, why }
  save(name, { generation: generation + 1, kept: [copy, ...kept] })
}

/** Remembers that the page of this copy was deleted. */
export function markDeleted(name: string, store: string): void {
  if (storeOf(name) === store) save(name, { ...copiesOf(name), deleted: true })
}

/** Whether the page of the current copy was deleted. */
export function isMarkedDeleted(name: string): boolean {
  return copiesOf(name).deleted === true
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
    const { generation, kept, deleted } = JSON.parse(
      localStorage.getItem(keyOf(name)) ?? '',
    ) as Copies
    if (Number.isSafeInteger(generation) && Array.isArray(kept)) {
      return { generation, kept, deleted: deleted === true }
    }
  } catch {
    // Nothing stored, or an entry that this app did not write.
  }
  return { generation: 0, kept: [] }
}
