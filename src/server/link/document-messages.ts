import type { User } from '../../protocol/index.ts'
import type {
  ContentKind,
  SentContent,
  UpdateFault,
  Vocabulary,
} from '../document-engine/document-engine.ts'

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

/** What a backend asks about a document over HTTP. */
export type DocumentQuestion =
  | { readonly kind: 'read'; readonly of: ContentKind; readonly version?: number }
  | {
      readonly kind: 'write' | 'seed'
      readonly content: SentContent
    }
  | { readonly kind: 'versions' }
  | { readonly kind: 'restore'; readonly version: number }
  | { readonly kind: 'remove author'; readonly userId: string }

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
      readonly vocabulary?: Vocabulary
    }
  /** What comes after a cursor; with a state vector, without what its sender has. */
  | {
      readonly kind: 'page'
      readonly call: number
      readonly document: string
      readonly cursor: Cursor
      readonly stateVector?: Uint8Array
    }
  | {
      readonly kind: 'presence'
      readonly document: string
      readonly member: number
      readonly client: number
      readonly clock: number
      /** Absent: what it says now cannot be told, and what it said before still counts. */
      readonly state?: string
      /** Its `cursor` is of a shape that is no editor's. */
      readonly otherCursor?: true
    }
  /** A stateless message of a client that may write. */
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
      readonly question: DocumentQuestion
    }

/** Why an update or a question of a backend was not carried out. */
export type DocumentFault = UpdateFault | 'NOT_FOUND' | 'BAD_JSON' | 'BAD_CONTENT' | 'UNAVAILABLE'

export interface VersionAuthor extends User {
  readonly edits: number
  /** Other users whose client ids these edits were made under; '' stands for users who are not known. */
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
   * On disk, or nothing new. `kept`: things that were not deleted, since the sender's editor cannot show them. `corrected`: things that
   * would have broken readers' pages and are stored put right. `waits`: a part of it follows on something that is not there. That
   * part is not saved; its sender does not see it either.
   */
  | {
      readonly kind: 'saved'
      readonly kept: number
      readonly corrected?: number
      readonly waits?: true
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
    }
  /** JSON text. */
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'versions'; readonly versions: readonly Version[] }
  /** Whether anything was written. */
  | { readonly kind: 'done'; readonly changed: boolean }

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
  /** A stateless message for the Hocuspocus clients of a document; for these members, where there are any given. */
  | {
      readonly kind: 'stateless'
      readonly document: string
      readonly text: string
      readonly members?: readonly number[]
    }
  /** The states of all in a document are as large as they may be, and what this member said is not among them. */
  | { readonly kind: 'presence refused'; readonly document: string; readonly member: number }
  /** Look again at who may do what. */
  | { readonly kind: 'recheck' }
