import type { Identity } from '../../auth/auth.ts'
import type { Admitted } from '../../edge/documents/authorize.ts'
import type { DocumentAnswer, ListedDocument } from '../../link/document-messages.ts'
import { RequestRefused } from '../refusal.ts'
import { etagOf } from './preconditions.ts'

export interface ListingContext {
  /** Authorizes an authenticated user for a document. */
  readonly look: (identity: Identity, document: string) => Promise<Admitted>
  readonly list: (question: ListingQuestion) => Promise<DocumentAnswer>
}

export interface ListingQuestion {
  readonly prefix: string
  readonly after: string
  readonly limit: number
}

/**
 * A page of the list of documents. It may be empty and still have a `next`: unreadable documents
 * are left out.
 */
export interface DocumentPageOfList {
  readonly documents: readonly { readonly name: string; readonly etag: string }[]
  /** Cursor of the next page: the last name; absent on the last page. */
  readonly next?: string
}

/** Pages read from the core per request; a `permit` hook is called for each name. */
const pagesMax = 10

/** Lists the documents that the user may read. */
export async function listReadable(
  { look, list }: ListingContext,
  identity: Identity,
  { prefix, after, limit }: ListingQuestion,
): Promise<DocumentPageOfList> {
  const documents: { name: string; etag: string }[] = []
  let last = after
  for (let page = 0; page < pagesMax; page += 1) {
    const found = await list({ prefix, after: last, limit })
    if (found.kind !== 'list') throw unavailable()
    for (const one of found.documents) {
      if (await mayRead(look, identity, one)) {
        documents.push({ name: one.name, etag: etagOf(one.tag) })
      }
      last = one.name
      if (documents.length === limit) return { documents, next: last }
    }
    if (found.next === undefined) return { documents }
    last = found.next
  }
  return { documents, next: last }
}

async function mayRead(
  look: ListingContext['look'],
  identity: Identity,
  { name }: ListedDocument,
): Promise<boolean> {
  const admitted = await look(identity, name)
  if (admitted.kind === 'unknown') throw unavailable()
  return admitted.kind === 'admitted'
}

function unavailable(): RequestRefused {
  return new RequestRefused(503, 'UNAVAILABLE', 'the documents could not be listed; try again', 1)
}
