import type { User } from '../../protocol/index.ts'
import type { ContentFault } from '../core/yjs/convert/content-error.ts'
import type {
  ContentKind,
  EditorSchema,
  Outline,
  SentContent,
  UpdateFault,
} from '../core/yjs/document-engine.ts'

/** How far somebody has read a document. An edge gives it back as it got it. */
export interface Cursor {
  /** The opening that `part` counts in; another one has been made when it is not the newest. 0: only `after` counts. */
  readonly opening: number
  /** Parts of that opening that were read. */
  readonly part: number
  /** Offset of the last update read. */
  readonly after: number
}

/** Who writes in a document. */
export interface Author {
  /** '' where nobody knows who it is. */
  readonly id: string
  readonly name?: string
}

/** Where somebody is in a document: what its client says of itself, under its client id. */
export interface PresenceEntry {
  readonly client: number
  readonly clock: number
  /** JSON text; `null` when it is gone. */
  readonly state: string
}

/** A backend request about a document. */
export type DocumentRequest =
  /** `unless`: answer `unchanged` if the document matches one of these tags. */
  | {
      readonly kind: 'read'
      readonly of: ContentKind
      readonly version?: number
      readonly unless?: readonly string[]
    }
  /** Lists its root types and their kinds. */
  | { readonly kind: 'outline'; readonly unless?: readonly string[] }
  | { readonly kind: 'write'; readonly content: SentContent; readonly when?: Condition }
  | { readonly kind: 'seed'; readonly content: SentContent }
  | { readonly kind: 'versions'; readonly unless?: readonly string[] }
  | { readonly kind: 'restore'; readonly version: number; readonly when?: Condition }
  | { readonly kind: 'remove author'; readonly userId: string; readonly when?: Condition }
  /** Erases the content and the history, and disconnects its clients. */
  | { readonly kind: 'delete'; readonly when?: Condition }
  /**
   * Writes the content into another document. `replace`: what that holds is deleted first. `when`
   * is about that other document.
   */
  | {
      readonly kind: 'copy'
      readonly to: string
      readonly replace: boolean
      readonly when?: Condition
    }

/**
 * A precondition, checked when the change is ordered among the others: the document matches one of
 * these tags, exists, or does not exist.
 */
export type Condition =
  | { readonly kind: 'at'; readonly tags: readonly string[] }
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }

/** A document in a list. */
export interface ListedDocument {
  readonly name: string
  /** Its entity tag; differs after every change. */
  readonly tag: string
}

/** What an edge tells the core about documents. `member` is a number that the edge made for one connection in one document. */
export type DocumentToCore =
  | {
      readonly kind: 'open'
      readonly call: number
      readonly document: string
      readonly member: number
      readonly author: Author
    }
  /** `atOnce`: it left on purpose, so that nobody waits for it to come back. */
  | {
      readonly kind: 'leave'
      readonly document: string
      readonly member: number
      readonly atOnce: boolean
    }
  | {
      readonly kind: 'update'
      readonly call: number
      readonly document: string
      readonly member: number
      readonly update: Uint8Array
      /** False: a reader's; it is only looked whether there is anything new in it. */
      readonly write: boolean
      /** The client id that its sender announced first. */
      readonly client?: number
      readonly vocabulary?: EditorSchema
    }
  /** What comes after a cursor; with a state vector, without what its sender has. */
  | {
      readonly kind: 'page'
      readonly call: number
      readonly document: string
      readonly cursor: Cursor
      readonly stateVector?: Uint8Array
      /** Who is asked for what others sent under his client ids; only where a SyncStep1 follows. */
      readonly user?: string
    }
  | {
      readonly kind: 'presence'
      readonly document: string
      readonly member: number
      readonly client: number
      readonly clock: number
      /** Absent when the state was rejected; the previous state then stays. */
      readonly state?: string
      /** Whether its `cursor` does not have the shape of an editor's cursor. */
      readonly otherCursor?: true
    }
  /** A stateless message from a client with write access. */
  | {
      readonly kind: 'stateless'
      readonly document: string
      readonly member: number
      readonly text: string
    }
  | {
      readonly kind: 'ask'
      readonly call: number
      readonly document: string
      readonly author: Author
      readonly question: DocumentRequest
    }
  /** Lists documents by name prefix, in byte order, after a given name. */
  | {
      readonly kind: 'list'
      readonly call: number
      readonly prefix: string
      readonly after: string
      readonly limit: number
    }

/** Why an update or a question of a backend was not carried out. */
export type DocumentFault =
  | UpdateFault
  | ContentFault
  | 'NOT_FOUND'
  | 'UNAVAILABLE'
  /** A precondition of the request failed. */
  | 'PRECONDITION_FAILED'
  /** The target of a copy exists. */
  | 'EXISTS'

export interface VersionAuthor extends User {
  readonly edits: number
  /** Other users whose client ids these edits use; '' for unknown users. */
  readonly madeBy?: readonly string[]
}

/** A stretch of work on a document, up to a pause. */
export interface Version {
  /** Offset of its last update. */
  readonly id: number
  readonly fromMs: number
  readonly toMs: number
  readonly people: readonly VersionAuthor[]
}

export type DocumentAnswer =
  | { readonly kind: 'opened'; readonly head: number; readonly presence: readonly PresenceEntry[] }
  /**
   * The update is on disk or contained nothing new. `kept`: number of items whose deletion was
   * undone because the sender's editor cannot show them. `corrected`: number of unsafe or invalid
   * items that were stored corrected. `waits`: a part depends on missing updates and is not saved.
   * `offset`: its position in the log; absent if nothing was new.
   */
  | {
      readonly kind: 'saved'
      readonly kept: number
      readonly corrected?: number
      readonly waits?: true
      readonly offset?: number
    }
  | { readonly kind: 'refused'; readonly fault: DocumentFault; readonly message: string }
  | {
      readonly kind: 'page'
      readonly updates: readonly Uint8Array[]
      readonly next: Cursor
      /** More is there already. */
      readonly more: boolean
      /** The document's state vector, encoded. */
      readonly stateVector: Uint8Array
      /** A lower one, which asks `user` again for what others sent under his client ids. */
      readonly asks?: Uint8Array
    }
  /** JSON text. `tag`: the entity tag; reads with the same tag have the same content. */
  | { readonly kind: 'json'; readonly text: string; readonly tag: string }
  | {
      readonly kind: 'text'
      readonly text: string
      readonly as: 'text' | 'markdown'
      readonly tag: string
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly tag: string }
  | { readonly kind: 'outline'; readonly outline: Outline; readonly tag: string }
  | { readonly kind: 'versions'; readonly versions: readonly Version[]; readonly tag: string }
  /** The document matches a tag of the request. */
  | { readonly kind: 'unchanged'; readonly tag: string }
  /**
   * Whether anything was written. `tag`: the entity tag after the write; absent if another change
   * was committed in between, so that the content may differ from what was sent.
   */
  | {
      readonly kind: 'done'
      readonly changed: boolean
      readonly tag?: string
      /** Things that the schema did not allow and that were put right. */
      readonly corrected?: number
    }
  | {
      readonly kind: 'list'
      readonly documents: readonly ListedDocument[]
      /** Cursor of the next page: the last name; absent on the last page. */
      readonly next?: string
    }

export type DocumentToEdge =
  /** Updates just committed, in order from offset `first`. */
  | {
      readonly kind: 'updates'
      readonly document: string
      readonly first: number
      readonly updates: readonly Uint8Array[]
    }
  | {
      readonly kind: 'presence'
      readonly document: string
      readonly entries: readonly PresenceEntry[]
    }
  /**
   * A stateless message for Hocuspocus clients of a document: for these members, or for all if
   * absent.
   */
  | {
      readonly kind: 'stateless'
      readonly document: string
      readonly text: string
      readonly members?: readonly number[]
    }
  /** The presence of a document is at its size limit; the state of this member was rejected. */
  | { readonly kind: 'presence refused'; readonly document: string; readonly member: number }
  /** The document was deleted; its clients are disconnected. */
  | { readonly kind: 'deleted'; readonly document: string }
  /** Look again at who may do what. */
  | { readonly kind: 'recheck' }
