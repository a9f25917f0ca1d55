import type { Json } from '../../../protocol/index.ts'
import type { ContentFault } from './convert/content-error.ts'
import type { GivenKind, RootKind } from './convert/root-kind.ts'

/** How far a document goes for each of the clients that wrote in it: the clock after the last struct of each. */
export type StateVector = ReadonlyMap<number, number>

/** The owner of each client id: the user who first sent content under it. */
export type Owners = ReadonlyMap<number, string>

/** A committed update, and who sent it. */
export interface Authored {
  readonly userId: string
  /** Users other than the sender whose client ids it contains; '' for unknown users. */
  readonly madeBy?: readonly string[]
  readonly update: Uint8Array
}

/** What a document is made of: what was kept when the log was last compacted, and every update since, in order. */
export interface DocumentSource {
  readonly owners: Owners
  /** Parts of the snapshot, in order. Each can be applied when those before it were. */
  readonly parts: readonly Uint8Array[]
  readonly updates: readonly Authored[]
  /** Whether deleted content stays in the document, so that Yjs snapshots can be shown. */
  readonly keepsDeleted?: boolean
  /** State vector of the content deleted under this name; absent if none was. */
  readonly deleted?: StateVector
}

/** What a session's editor can show. The rest stays in the document, whatever that editor does to it. */
export interface EditorSchema {
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
   * Bytes that the document may grow by, according to the estimate of its size.
   */
  readonly growthBytesMax: number
  /**
   * Apply the part whose dependencies are present and set the rest aside, instead of refusing it.
   */
  readonly partly?: boolean
  /** An import of content by others: the sender does not become the owner of its client ids. */
  readonly imported?: boolean
  /**
   * Largest document, encoded as one update, in bytes. An update beyond `growthBytesMax` is
   * accepted if the document then fits or becomes smaller. Absent: `growthBytesMax` decides.
   */
  readonly documentBytesMax?: number
  readonly vocabulary?: EditorSchema
  /** Allows deleted content to be written again, for a backend that intends it. */
  readonly revives?: boolean
}

export type UpdateFault =
  /** It is no update in format 1, or is beyond a bound. The same bytes would be refused again. */
  | 'BAD_UPDATE'
  /** It follows on something that the document does not have. After a sync from the start it would be complete. */
  | 'GAP'
  /** The document has different content under the same ids: two clients used one client id. */
  | 'CLIENT_ID_TAKEN'
  /** The document would be larger than it may be. */
  | 'DOCUMENT_FULL'
  /** There is something new in it, and `write` was false. */
  | 'READ_ONLY'
  /** It contains content that was deleted with the document. */
  | 'DELETED'

/** The part of an update that depends on content that the document does not have. */
export interface SetAside {
  readonly update: Uint8Array
  /** A missing dependency; retrying is pointless before it arrives. */
  readonly lacks: { readonly client: number; readonly clock: number }
}

/** A range of the page's own content that the document already has. */
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
      /** Users other than the sender whose client ids it uses; '' for unknown users. */
      readonly madeBy: readonly string[]
      readonly aside?: SetAside
      readonly repeated?: Repeated
      /**
       * Number of unsafe or invalid items that were corrected; `delta` includes the corrections.
       */
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
 * Formats for reading and writing a document: JSON (of ProseMirror, a map or an array), plain text,
 * a Quill delta, Markdown, or one Yjs update.
 */
export type Content =
  | ({ readonly as: 'json' | 'delta'; readonly json: Json } & RootField)
  | ({ readonly as: 'text' | 'markdown'; readonly text: string } & RootField)
  | { readonly as: 'update'; readonly update: Uint8Array }

/** Content sent by a peer: JSON stays unparsed until it is in an engine thread. */
export type SentContent =
  | ({
      readonly as: 'json' | 'delta'
      /** JSON text in UTF-8. */
      readonly json: Uint8Array
    } & RootField)
  | Exclude<Content, { readonly json: Json }>

/** Content to send: JSON as text, encoded in the engine thread. */
export type ReadContent =
  | ({ readonly as: 'json' | 'delta'; readonly text: string } & RootField)
  | Exclude<Content, { readonly json: Json }>

/** Why content could not be read or written. */
export interface ContentRefusal {
  /** The message. */
  readonly refusal: string
  /** Absent: BAD_CONTENT. */
  readonly fault?: ContentFault
}

export interface RootField {
  /** The root type that holds the content. */
  readonly field: string
  /** The kind to assume for an empty root; a refusal if the root has another kind. */
  readonly kind?: GivenKind
}

export interface ContentKind extends RootField {
  /** The format; `update` ignores `field`. */
  readonly as: Content['as']
}

/** The roots of a document and their kinds. */
export interface Outline {
  readonly roots: Readonly<Record<string, RootKind>>
  /** Size of the document as one update, in bytes. */
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
  /**
   * Longest name of a type, an attribute, a mark or a key in an update, in bytes. Default 1,024.
   */
  readonly keyBytesMax?: number
  /** Maximum nesting of a value in an update. Default 64. */
  readonly valueDepthMax?: number
  /** Maximum nesting of types. Default 256. */
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

/** Limits of the JSON that a backend sends for a document. */
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
   * Encodes a snapshot without deleted content (unless that is kept), loads it and compares it.
   * Rejects with ENGINE_FAILED if they differ.
   */
  compact(source: DocumentSource): Promise<Compacted>
  /** Whether the parts, applied, are the same document as the source. */
  matches(parts: readonly Uint8Array[], source: DocumentSource): Promise<boolean>
  /** Joins what follows on one another by the same user, less than `pauseMs` apart. */
  runs(updates: readonly Dated[], pauseMs: number): Promise<readonly Run[]>
  /** Whether a document contains XML elements, as editors create them. */
  holdElements(updates: readonly Uint8Array[]): Promise<boolean>
  /** Reads content; a refusal if the requested format cannot express it. */
  read(updates: readonly Uint8Array[], kind: ContentKind): Promise<ReadContent | ContentRefusal>
  outline(updates: readonly Uint8Array[]): Promise<Outline>
  /**
   * An update after which the document has this content, changing as little as it can; undefined when it has it already. A
   * `refusal` tells what is wrong with the content or what would be lost.
   */
  write(
    updates: readonly Uint8Array[],
    content: SentContent,
  ): Promise<{ readonly update?: Uint8Array } | ContentRefusal>
  /**
   * An update that gives an empty document this content, written under a client id (default 1).
   * Equal content gives equal bytes.
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
  /** Number of threads that make no progress. */
  readonly stuck: number
  close(): Promise<void>
}
