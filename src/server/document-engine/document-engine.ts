import type { Json } from '../../protocol/index.ts'
import type { ContentFault } from './convert/refusal.ts'
import type { GivenKind, RootKind } from './convert/roots.ts'

/** How far a document goes for each of the clients that wrote in it: the clock after the last struct of each. */
export type StateVector = ReadonlyMap<number, number>

/** Who is known to write under each client id: the user who first sent something under it. */
export type Owners = ReadonlyMap<number, string>

/** A committed update, and who sent it. */
export interface Authored {
  readonly userId: string
  /** Users whose client ids are in it, other than the sender; '' stands for users who are not known. */
  readonly madeBy?: readonly string[]
  readonly update: Uint8Array
}

/** What a document is made of: what was kept when the log was last compacted, and every update since, in order. */
export interface DocumentSource {
  readonly owners: Owners
  /** Parts of the snapshot, in order. Each can be applied when those before it were. */
  readonly parts: readonly Uint8Array[]
  readonly updates: readonly Authored[]
  /** What was deleted stays in the document, so that Yjs snapshots of it can be shown. */
  readonly keepsDeleted?: boolean
  /** How far the clients had come in what was deleted under this name. Absent: nothing was. */
  readonly deleted?: StateVector
}

/** What a session's editor can show. The rest stays in the document, whatever that editor does to it. */
export interface Vocabulary {
  /** Names of the nodes of its schema. */
  readonly nodes: readonly string[]
  /** Names of the marks of its schema. */
  readonly marks: readonly string[]
}

export interface CheckRequest {
  /** Yjs update, format 1, as a peer sent it. */
  readonly update: Uint8Array
  readonly userId: string
  /** The client id under which its sender's page writes, where that is known. */
  readonly client?: number
  /** False: only find out whether there is anything new in it. */
  readonly write: boolean
  /**
   * Bytes that the document may grow by, as far as that is known without looking at what is left of
   * it.
   */
  readonly growthBytesMax: number
  /** Take what can be applied and set the rest aside; otherwise an update that is not whole is refused. */
  readonly partly?: boolean
  /** It brings what others made, as an import does: nobody becomes the owner of a client id by it. */
  readonly imported?: boolean
  /**
   * Bytes that the document may have, encoded as one update. An update beyond `growthBytesMax` is
   * taken where the document is no larger after it, or smaller than before. Absent:
   * `growthBytesMax` decides.
   */
  readonly documentBytesMax?: number
  readonly vocabulary?: Vocabulary
  /** A backend means to write what was deleted before: it is not refused. */
  readonly revives?: boolean
}

export type UpdateFault =
  /** It is no update in format 1, or is beyond a bound. The same bytes would be refused again. */
  | 'BAD_UPDATE'
  /** It follows on something that the document does not have. After a sync from the start it would be complete. */
  | 'GAP'
  /** It says something else than the document has under the same client id and clock: two have used one id. */
  | 'CLIENT_ID_TAKEN'
  /** The document would be larger than it may be. */
  | 'DOCUMENT_FULL'
  /** There is something new in it, and `write` was false. */
  | 'READ_ONLY'
  /** It brings back what was deleted with the document. */
  | 'DELETED'

/** The part of an update that follows on something that the document does not have. */
export interface SetAside {
  readonly update: Uint8Array
  /** Something of what it lacks: it need not be looked at again before this is there. */
  readonly lacks: { readonly client: number; readonly clock: number }
}

/** What a page sent of its own that the document has already, with the same content. */
export interface Repeated {
  readonly client: number
  readonly from: number
  readonly to: number
}

export type Checked =
  /** The engine does not hold the document: load it and ask again. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'nothing new'
      readonly kept: number
      readonly aside?: SetAside
      readonly repeated?: Repeated
    }
  | {
      readonly kind: 'new'
      /** What changed, encoded anew from the document: this is what goes into the log. */
      readonly delta: Uint8Array
      /** Where the clients now stand that wrote something new. */
      readonly advanced: StateVector
      /** Things that the sender's editor cannot show and wanted to delete; they were kept. */
      readonly kept: number
      /** Users under whose client ids it writes, other than its sender; '' stands for users who are not known. */
      readonly madeBy: readonly string[]
      readonly aside?: SetAside
      readonly repeated?: Repeated
      /** Things in it that would break a reader's page and were put right; `delta` has the correction too. */
      readonly corrected?: number
    }
  | { readonly kind: 'refused'; readonly fault: UpdateFault; readonly message: string }

/** A document as it goes to somebody who has nothing of it. */
export interface Opening {
  /** Updates to apply in this order; each is complete when those before it were applied. */
  readonly parts: readonly Uint8Array[]
  readonly stateVector: StateVector
}

/** What takes the place of a log's beginning. */
export interface Compacted extends Opening {
  readonly owners: Owners
}

/** A run of updates of one user, in order, in one update that loses nothing: also what was deleted later is in it. */
export interface Run {
  readonly userId: string
  readonly fromMs: number
  readonly toMs: number
  readonly edits: number
  readonly update: Uint8Array
}

export interface Dated extends Authored {
  readonly atMs: number
}

/**
 * How a document is read and written from outside: as JSON (ProseMirror's, or of a map or an array), as plain text, as a Quill delta, as
 * Markdown, or as one Yjs update.
 */
export type Content =
  | ({ readonly as: 'json' | 'delta'; readonly json: Json } & RootField)
  | ({ readonly as: 'text' | 'markdown'; readonly text: string } & RootField)
  | { readonly as: 'update'; readonly update: Uint8Array }

/** Content as a peer sent it: JSON is not looked at before it is in a thread of the engine. */
export type SentContent =
  | ({
      readonly as: 'json' | 'delta'
      /** JSON text in UTF-8. */
      readonly json: Uint8Array
    } & RootField)
  | Exclude<Content, { readonly json: Json }>

/** Content as it goes out: JSON as text, so that nobody else has to encode it. */
export type ReadContent =
  | ({ readonly as: 'json' | 'delta'; readonly text: string } & RootField)
  | Exclude<Content, { readonly json: Json }>

/** Why content was not read, or nothing was made of what a peer sent. */
export interface ContentRefusal {
  /** What is wrong with it. */
  readonly refusal: string
  /** Absent: BAD_CONTENT. */
  readonly fault?: ContentFault
}

export interface RootField {
  /** The root type that holds the content. */
  readonly field: string
  /** What the root is to be where it is empty; a refusal where it is something else. */
  readonly kind?: GivenKind
}

export interface ContentKind extends RootField {
  /** `field` is not looked at for `update`. */
  readonly as: Content['as']
}

/** What is in a document, root by root. */
export interface Outline {
  readonly roots: Readonly<Record<string, RootKind>>
  /** Of one update that holds all of it. */
  readonly bytes: number
}

/** Bounds on one update and on one document. */
export interface EngineLimits {
  /** Structs in one update. */
  readonly updateStructsMax: number
  /** Ranges in the delete set of one update. */
  readonly updateDeletesMax: number
  /** Largest length of all structs of an update together, in Yjs' units (characters, elements). */
  readonly updateLengthMax: number
  /** Subdocuments in one document. Each costs every reader a `Y.Doc`, loaded or not. */
  readonly subdocumentsMax: number
  /** Longest name of a type, an attribute, a mark or a key in an update, in bytes; 1,024 where it is not given. */
  readonly keyBytesMax?: number
  /** How deep a value in an update may be nested; 64 where it is not given. */
  readonly valueDepthMax?: number
  /** How deep types may be nested in one another; 256 where it is not given. */
  readonly typeDepthMax?: number
  /** Time one check may take, in milliseconds; and so much more for each 1,024 bytes of the update. */
  readonly checkMs: number
  readonly checkMsPerKb: number
  /** Time anything else may take, in milliseconds. */
  readonly taskMs: number
  /** Bytes of updates of loaded documents that one thread may hold. Those not used for longest go first. */
  readonly loadedBytesMax: number
  /** Bytes of one part of an opening, unless a single struct is larger. */
  readonly partBytesMax: number
}

/** Bounds on a document's JSON, which a backend sends. */
export interface JsonLimits {
  readonly depthMax: number
  /** Values in it, of all kinds. */
  readonly nodesMax: number
}

/**
 * Everything that takes Yjs to do. No byte of a peer is decoded, merged or applied anywhere else. It holds copies of documents
 * that are written to, which it may let go of at any time (then `check` says `absent`); all other calls are functions of
 * their arguments, which must be committed bytes.
 *
 * Calls about one document's copy (`load`, `check`, `release`) are made one after another. A call whose bytes make Yjs
 * hang or run out of memory takes down a thread and not the process; what else that thread held is then absent.
 *
 * Rejects with a RusherError: ENGINE_FAILED when a task threw, took too long or its thread ended; ENGINE_CLOSED.
 * `check` and the functions that take a peer's content do not reject for what a peer sent: they refuse.
 */
export interface DocumentEngine {
  /** Makes the engine's copy anew from what is committed, and from what is on its way to being so. */
  load(document: string, source: DocumentSource): Promise<void>
  /**
   * Looks whether an update is sound and may be applied, and applies it to the copy. Nothing of a refused one stays: the copy
   * is as before, or absent.
   */
  check(document: string, request: CheckRequest): Promise<Checked>
  /** Lets go of the copy. */
  release(document: string): void
  /** Merges updates into parts that can be applied one after another. */
  opening(updates: readonly Uint8Array[]): Promise<Opening>
  /** What somebody lacks who is at this state vector (encoded, as it came): parts as in an opening; none when nothing. */
  difference(
    updates: readonly Uint8Array[],
    stateVector: Uint8Array,
  ): Promise<readonly Uint8Array[]>
  /**
   * Makes a snapshot without what was deleted (unless that is kept), loads it again and compares.
   * Rejects with ENGINE_FAILED where they differ.
   */
  compact(source: DocumentSource): Promise<Compacted>
  /** Whether the parts, applied, are the same document as the source. */
  matches(parts: readonly Uint8Array[], source: DocumentSource): Promise<boolean>
  /** Joins what follows on one another by the same user, less than `pauseMs` apart. */
  runs(updates: readonly Dated[], pauseMs: number): Promise<readonly Run[]>
  /** Whether there are XML elements in a document, as editors make them. */
  holdElements(updates: readonly Uint8Array[]): Promise<boolean>
  /** What is in it, or what of it the asked form cannot express. */
  read(updates: readonly Uint8Array[], kind: ContentKind): Promise<ReadContent | ContentRefusal>
  outline(updates: readonly Uint8Array[]): Promise<Outline>
  /**
   * An update after which the document has this content, changing as little as it can; undefined when it has it already. A
   * `refusal` says what is wrong with the content, or what of the document would be lost.
   */
  write(
    updates: readonly Uint8Array[],
    content: SentContent,
  ): Promise<{ readonly update?: Uint8Array } | ContentRefusal>
  /**
   * An update that makes an empty document have this content, written under a client id (1 unless told otherwise): the same bytes for
   * the same content, whoever makes it.
   */
  seed(
    content: SentContent,
    client?: number,
  ): Promise<{ readonly update: Uint8Array } | ContentRefusal>
  /**
   * An update that takes the document back to what it was after the first `through` of the updates, also where something was
   * deleted since; undefined when nothing differs. The updates are the whole history, with all that was deleted.
   */
  restore(updates: readonly Uint8Array[], through: number): Promise<Uint8Array | undefined>
  /** An update that takes back what one user wrote and deleted. The updates are the whole history. */
  without(updates: readonly Authored[], userId: string): Promise<Uint8Array | undefined>
  /** Threads in which nothing comes to its end any more. */
  readonly stuck: number
  close(): Promise<void>
}
