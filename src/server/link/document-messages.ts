import type { User } from '../../protocol/index.ts'
import type { ContentFault } from '../document-engine/convert/refusal.ts'
import type {
  ContentKind,
  Outline,
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

/** What a backend asks about a document. */
export type DocumentQuestion =
  /** `unless`: not where the document stands at one of these tags. */
  | {
      readonly kind: 'read'
      readonly of: ContentKind
      readonly version?: number
      readonly unless?: readonly string[]
    }
  /** Which roots it has, and of what kind. */
  | { readonly kind: 'outline'; readonly unless?: readonly string[] }
  | { readonly kind: 'write'; readonly content: SentContent; readonly when?: Condition }
  | { readonly kind: 'seed'; readonly content: SentContent }
  | { readonly kind: 'versions'; readonly unless?: readonly string[] }
  | { readonly kind: 'restore'; readonly version: number; readonly when?: Condition }
  | { readonly kind: 'remove author'; readonly userId: string; readonly when?: Condition }
  /** Erases the content and the history. Whoever has it open is sent away. */
  | { readonly kind: 'delete'; readonly when?: Condition }
  /** Writes the content into another document. `replace`: what that holds is deleted first. */
  | { readonly kind: 'copy'; readonly to: string; readonly replace: boolean }

/**
 * What must hold of a document when a change takes its place in the order of changes: that it stands at one of these tags, that it exists, or
 * that it does not.
 */
export type Condition =
  | { readonly kind: 'at'; readonly tags: readonly string[] }
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }

/** A document in a list. */
export interface ListedDocument {
  readonly name: string
  /** Where it stands; changes with every change. */
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
      readonly vocabulary?: Vocabulary
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
  /** Documents whose names begin with a prefix, in the order of the names' bytes, after a name. */
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
  /** What a request was to depend on does not hold. */
  | 'PRECONDITION_FAILED'
  /** The document that a copy is to become exists. */
  | 'EXISTS'

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
   * part is not saved; its sender does not see it either. `offset`: its
   * place in the log; absent where nothing was new.
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
  /** JSON text. `tag`: where the document stood when it was read. Two reads with the same tag saw the same. */
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
  /** It stands at a tag that the question named. */
  | { readonly kind: 'unchanged'; readonly tag: string }
  /**
   * Whether anything was written. `tag`: where the document stands with it, if nothing came between what the change was worked out from and
   * its commit: then it holds what was sent.
   */
  | { readonly kind: 'done'; readonly changed: boolean; readonly tag?: string }
  | {
      readonly kind: 'list'
      readonly documents: readonly ListedDocument[]
      /** The name to go on after; absent at the end. */
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
  /** A stateless message for the Hocuspocus clients of a document; for these members, where there are any given. */
  | {
      readonly kind: 'stateless'
      readonly document: string
      readonly text: string
      readonly members?: readonly number[]
    }
  /** The states of all in a document are as large as they may be, and what this member said is not among them. */
  | { readonly kind: 'presence refused'; readonly document: string; readonly member: number }
  /** It was deleted: whoever has it open is sent away. */
  | { readonly kind: 'deleted'; readonly document: string }
  /** Look again at who may do what. */
  | { readonly kind: 'recheck' }
