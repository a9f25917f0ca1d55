import type { Json, User } from '../protocol/index.ts'
import type { FollowListener } from './core/documents/follower.ts'
import type { StatelessTarget } from './core/documents/subscribers.ts'
import type { GivenKind } from './core/yjs/convert/root-kind.ts'
import type { Outline } from './core/yjs/document-engine.ts'
import type { ListedDocument, Version } from './link/document-messages.ts'

export interface RootOptions {
  /** Name of the root type. Default: `default`, as tiptap's Collaboration extension has it. */
  readonly field?: string
  /**
   * What the root is to be where it is empty. One that holds something else is UNSUPPORTED_CONTENT.
   */
  readonly kind?: GivenKind
}

export interface VersionOptions {
  /** Id of a version. Default: the current content. */
  readonly version?: number
}

export interface ReadDocument extends RootOptions, VersionOptions {}

/**
 * What a change depends on. When it does not hold, nothing is changed: PRECONDITION_FAILED. Both at
 * once: BAD_PRECONDITION.
 */
export interface DocumentPrecondition {
  /** The document stands at this tag: nothing was committed since. `'*'`: it exists. */
  readonly ifMatch?: string
  /** There is no such document. */
  readonly ifAbsent?: boolean
}

export interface ActDocument {
  /** Author of the change in the history. Default: `{ id: 'server' }`. */
  readonly as?: User
}

export interface ChangeDocument extends ActDocument, DocumentPrecondition {}

export interface WriteUpdate extends ChangeDocument {
  /**
   * Write only into a document that nothing was ever written in. Of several that do at a time, one
   * does; for the others nothing changed. With a precondition: BAD_PRECONDITION.
   */
  readonly seed?: boolean
}

export interface WriteDocument extends RootOptions, WriteUpdate {}

/** Preconditions are about the document that is written to. */
export interface CopyDocument extends ChangeDocument {
  /**
   * What the document of that name holds is deleted first. Otherwise a copy onto one that exists is
   * refused: EXISTS.
   */
  readonly replace?: boolean
}

export interface ListDocuments {
  /** Only names that begin with this. Default: all. */
  readonly prefix?: string
  /** Only names after this one, in the order of their bytes: the `next` of the page before. */
  readonly after?: string
  /** Documents in the page. Default 100; more than 1,000 are 1,000. */
  readonly limit?: number
}

/** What an answer was read from. Two answers about a document with the same tag saw the same. */
export interface Tagged {
  /**
   * Where the document stood; changes with every change. For `ifMatch`. It is the tag within the
   * HTTP API's `ETag`.
   */
  readonly tag: string
}

/** What became of a change that was asked for. It is committed. */
export interface ChangedDocument {
  /** Whether anything was written. */
  readonly changed: boolean
  /**
   * Where the document stands with it. Absent when others wrote meanwhile, or the server put
   * something right: then read it again.
   */
  readonly tag?: string
  /** How many things the schema did not allow and the server corrected. Absent: none. */
  readonly corrected?: number
}

export interface ListPage {
  readonly documents: readonly ListedDocument[]
  /** Cursor of the next page: the last name; absent on the last page. */
  readonly next?: string
}

/** Reads of documents. */
export interface DocumentReads {
  /**
   * The roots with what they hold, and the bytes of the whole. NOT_FOUND where there is no such
   * document.
   */
  describe(document: string): Promise<Outline & Tagged>
  /**
   * JSON of ProseMirror, a map or an array. An empty `doc` where nothing was written and no `kind`
   * is given.
   */
  readJson(document: string, options?: ReadDocument): Promise<{ readonly json: Json } & Tagged>
  readText(document: string, options?: ReadDocument): Promise<{ readonly text: string } & Tagged>
  /** A Quill delta: `{ ops }`. */
  readDelta(document: string, options?: ReadDocument): Promise<{ readonly delta: Json } & Tagged>
  readMarkdown(
    document: string,
    options?: ReadDocument,
  ): Promise<{ readonly markdown: string } & Tagged>
  /** Reads the whole document as one Yjs update in format 1. */
  readUpdate(
    document: string,
    options?: VersionOptions,
  ): Promise<{ readonly update: Uint8Array } & Tagged>
  /** Lists the versions, newest first. */
  versions(document: string): Promise<{ readonly versions: readonly Version[] } & Tagged>
  /**
   * The documents that hold something, a page at a time. BAD_LIMIT for a limit that is no whole
   * number above 0.
   */
  list(options?: ListDocuments): Promise<ListPage>
}

/** Changes of documents. Each resolves when it is committed. */
export interface DocumentChanges {
  /** Makes the content this JSON, of ProseMirror, a map or an array, changing only what differs. */
  writeJson(document: string, json: Json, options?: WriteDocument): Promise<ChangedDocument>
  writeText(document: string, text: string, options?: WriteDocument): Promise<ChangedDocument>
  /** A Quill document: `{ ops }`, or a list of operations; inserts only. */
  writeDelta(document: string, delta: Json, options?: WriteDocument): Promise<ChangedDocument>
  writeMarkdown(
    document: string,
    markdown: string,
    options?: WriteDocument,
  ): Promise<ChangedDocument>
  /** Applies a Yjs update in format 1. */
  writeUpdate(document: string, update: Uint8Array, options?: WriteUpdate): Promise<ChangedDocument>
  /**
   * Takes the document back to a version for everybody. What was written since stays in the
   * history.
   */
  restore(document: string, version: number, options?: ChangeDocument): Promise<ChangedDocument>
  /** Reverts all insertions and deletions of one user. */
  removeAuthor(document: string, userId: string, options?: ChangeDocument): Promise<ChangedDocument>
  /**
   * Erases the content and the history, and closes the document for all clients. NOT_FOUND if there
   * is no such document.
   */
  delete(document: string, options?: ChangeDocument): Promise<ChangedDocument>
  /**
   * Writes the content, without the history, into another document. The answer is about that one.
   */
  copy(document: string, to: string, options?: CopyDocument): Promise<ChangedDocument>
}

/**
 * Documents, for the program that embeds the server. A write is handled like a client's update:
 * checked, committed, and then sent to all clients that have the document open, on every edge.
 *
 * Every method rejects with a RusherError: BAD_NAME, NOT_FOUND, EXISTS,
 * PRECONDITION_FAILED, BAD_PRECONDITION, BAD_LIMIT, BAD_CONTENT, UNSUPPORTED_CONTENT,
 * LOSES_CONTENT, BAD_UPDATE, GAP, CLIENT_ID_TAKEN, DELETED, DOCUMENT_FULL, BAD_ARGUMENT for an
 * invalid option, SERVER_CLOSED after `close`, or UNAVAILABLE if the outcome is unknown.
 */
export interface ServerDocuments extends DocumentReads, DocumentChanges {
  /**
   * Hands every change to the listener that is committed after this call, in order, whichever
   * client or edge it came from, until the function that it gives is called. The listener gets one
   * change at a time and may be async. A document is never held up by it: beyond
   * `limits.followUpdatesMax` or `followBytesMax`, all that waits is one `missed` with its offsets.
   * Throws BAD_NAME.
   */
  follow(document: string, listener: FollowListener): () => void
  /**
   * Sends a message to the Hocuspocus clients that have the document open now, or only to one
   * connection or user. It is kept nowhere; y-websocket has no such message. Throws BAD_NAME, and
   * TOO_LARGE above `limits.statelessBytesMax`.
   */
  sendStateless(document: string, text: string, to?: StatelessTarget): void
}
