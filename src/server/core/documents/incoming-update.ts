import type { Author, Condition, DocumentAnswer } from '../../link/document-messages.ts'
import type { EditorSchema } from '../yjs/document-engine.ts'

/** An update on its way in. `answer` is called once: when it is on disk, refused, or nothing new. */
export interface IncomingUpdate {
  /** Who waits in line: one connection, or one request. */
  readonly sender: string
  readonly author: Author
  readonly update: Uint8Array
  readonly write: boolean
  /** The client id under which its sender's page writes, where that is known. */
  readonly client?: number
  readonly vocabulary?: EditorSchema
  /** Only into a document that nothing is in. */
  readonly first?: boolean
  /**
   * Apply all of the update or nothing. Otherwise the part that can be applied is kept, and the
   * rest waits for the updates that it depends on.
   */
  readonly whole?: boolean
  /** It brings what others made, as an import does. */
  readonly imported?: boolean
  /** Only where this holds when its turn comes: nothing gets between that and its commit. */
  readonly when?: Condition
  /** It may bring back what was deleted. */
  readonly revives?: boolean
  /** Instead of being changed, the document is deleted. */
  readonly deletes?: boolean
  /** What the document holds is deleted first. Nothing of others gets between the two. */
  readonly replaces?: boolean
  /** A part that waited: how often the document had been deleted when it could go on. */
  readonly afterDeletions?: number
  readonly answer: (answer: DocumentAnswer) => void
}
