import { IndexeddbPersistence } from 'y-indexeddb'
import { Doc } from 'yjs'
import { type PageNode, readPage } from './read-page.ts'

/** A copy of a page that the server did not take, kept in this browser. */
export interface KeptCopy {
  readonly store: string
  readonly atMs: number
  /** Why the server did not take it. */
  readonly why: string
}

interface Copies {
  /** Times that the copy in use was put aside and a new one begun. */
  readonly generation: number
  readonly kept: readonly KeptCopy[]
}

const keyOf = (name: string): string => `page-copies:${name}`

/** The name of the browser's database that holds the copy of a page that is in use. */
export function storeOf(name: string): string {
  const { generation } = copiesOf(name)
  return generation === 0 ? `page:${name}` : `page:${name}:${generation}`
}

/** The copies of a page that were put aside, the newest first. */
export function keptCopies(name: string): readonly KeptCopy[] {
  return copiesOf(name).kept
}

/** Puts the copy in use aside: it stays in this browser, and the page is opened anew from the server. */
export function putAside(name: string, why: string, nowMs: number): void {
  const { generation, kept } = copiesOf(name)
  const copy = { store: storeOf(name), atMs: nowMs, why }
  save(name, { generation: generation + 1, kept: [copy, ...kept] })
}

/** Reads a copy that was put aside. */
export async function readKept({ store }: KeptCopy): Promise<PageNode> {
  const doc = new Doc()
  const kept = new IndexeddbPersistence(store, doc)
  await kept.whenSynced
  const page = readPage(doc)
  await kept.destroy()
  doc.destroy()
  return page
}

/** Deletes a copy that was put aside. */
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
    // Nothing was put aside, or what is there is not ours.
  }
  return { generation: 0, kept: [] }
}
