import { type Json, type Limits, RusherError, type User } from '../protocol/index.ts'
import { parseDocumentName } from './document-edge/entry.ts'
import type { ContentKind, SentContent } from './document-engine/document-engine.ts'
import type { Documents } from './documents/documents.ts'
import type { FollowListener } from './documents/follower.ts'
import type { StatelessTarget } from './documents/followers.ts'
import { within } from './edge/permission.ts'
import type {
  DocumentAnswer,
  DocumentFault,
  DocumentQuestion,
  Version,
} from './link/document-messages.ts'

export interface ReadDocument {
  /** Name of the root type. Default: `default`, as tiptap's Collaboration extension has it. Not for updates. */
  readonly field?: string
  /** A version of the document, by its id. Default: as it is now. */
  readonly version?: number
}

export interface WriteDocument {
  /** Name of the root type. Default: `default`. Not for updates. */
  readonly field?: string
  /** Whom the history names as the author. Default: `{ id: 'server' }`. */
  readonly as?: User
  /** Write only into a document that nothing was ever written in. Of several that do at a time, one does. */
  readonly seed?: boolean
}

/**
 * Documents, for the program that the server is part of. What it writes goes the way of every client's update: looked at,
 * committed, and then told to everybody who has the document open, on every edge.
 *
 * Everything that is asked rejects with a RusherError: BAD_NAME, NOT_FOUND (of a version), BAD_CONTENT, BAD_UPDATE, GAP,
 * CLIENT_ID_TAKEN, DOCUMENT_FULL, or UNAVAILABLE when it could not be done now; then it may have been done.
 */
export interface ServerDocuments {
  /** ProseMirror JSON; an empty `doc` where nothing was written. */
  readJson(document: string, options?: ReadDocument): Promise<Json>
  readText(document: string, options?: ReadDocument): Promise<string>
  /** The whole document as one Yjs update, format 1. */
  readUpdate(document: string, options?: Pick<ReadDocument, 'version'>): Promise<Uint8Array>
  /** Makes the content this ProseMirror JSON, changing only what differs. Resolves when it is committed: to whether anything was written. */
  writeJson(document: string, json: Json, options?: WriteDocument): Promise<boolean>
  writeText(document: string, text: string, options?: WriteDocument): Promise<boolean>
  /** Applies a Yjs update, format 1. */
  writeUpdate(
    document: string,
    update: Uint8Array,
    options?: Omit<WriteDocument, 'field'>,
  ): Promise<boolean>
  /** Who wrote when, the newest first. */
  versions(document: string): Promise<readonly Version[]>
  /** Takes the document back to a version for everybody. What was written since stays in the history. */
  restore(document: string, version: number, options?: Pick<WriteDocument, 'as'>): Promise<boolean>
  /** Takes back what one user wrote and deleted. */
  removeAuthor(
    document: string,
    userId: string,
    options?: Pick<WriteDocument, 'as'>,
  ): Promise<boolean>
  /**
   * Hands every update to the listener that is committed after this call, in order, whichever client or edge it came from, until
   * the function that it gives is called. The listener gets one change at a time and may be async. A document is never held up by
   * it: beyond `limits.followUpdatesMax` or `followBytesMax`, all that waits is one `missed` with its offsets. Throws BAD_NAME.
   */
  follow(document: string, listener: FollowListener): () => void
  /**
   * Sends a message to the Hocuspocus clients that have the document open now, or only to one connection or user. It is kept
   * nowhere; y-websocket has no such message. Throws BAD_NAME, and TOO_LARGE above `limits.statelessBytesMax`.
   */
  sendStateless(document: string, text: string, to?: StatelessTarget): void
}

/** The core's documents, as far as the embedding program gets to them. */
type CoreDocuments = Pick<Documents, 'answer' | 'follow' | 'sendStateless'>

const ownUser: User = { id: 'server' }
const usualField = 'default'
/** Longer than any single step may take that the answer waits for. */
const answerMs = 60_000

/** Asks the core what the HTTP API asks it, without a request. */
export function createServerDocuments(
  documents: CoreDocuments,
  limits: Pick<Limits, 'statelessBytesMax'>,
): ServerDocuments {
  async function ask<Kind extends DocumentAnswer['kind']>(
    document: string,
    question: DocumentQuestion,
    kind: Kind,
    as: User = ownUser,
  ): Promise<Extract<DocumentAnswer, { kind: Kind }>> {
    const answer = await answerTo(documents, nameOf(document), as, question)
    if (answer.kind === 'refused') throw new RusherError(answer.fault, answer.message)
    if (!isOf(answer, kind)) throw new Error(`a question was answered with ${answer.kind}`)
    return answer
  }

  async function write(
    document: string,
    content: SentContent,
    { as, seed = false }: WriteDocument,
  ): Promise<boolean> {
    const kind = seed ? 'seed' : 'write'
    return (await ask(document, { kind, content }, 'done', as)).changed
  }

  const readOf = (
    as: ContentKind['as'],
    { field = usualField, version }: ReadDocument,
  ): DocumentQuestion => ({
    kind: 'read',
    of: { as, field },
    ...(version === undefined ? {} : { version }),
  })

  return {
    readJson: async (document, options = {}) =>
      // The engine's own text.
      JSON.parse((await ask(document, readOf('json', options), 'json')).text) as Json,
    readText: async (document, options = {}) =>
      (await ask(document, readOf('text', options), 'text')).text,
    readUpdate: async (document, options = {}) =>
      (await ask(document, readOf('update', options), 'bytes')).bytes,
    writeJson: async (document, json, options = {}) =>
      write(document, jsonContent(options.field, json), options),
    writeText: (document, text, options = {}) =>
      write(document, { as: 'text', field: options.field ?? usualField, text }, options),
    writeUpdate: (document, update, options = {}) =>
      write(document, { as: 'update', update }, options),
    versions: async (document) => (await ask(document, { kind: 'versions' }, 'versions')).versions,
    restore: async (document, version, { as } = {}) =>
      (await ask(document, { kind: 'restore', version }, 'done', as)).changed,
    removeAuthor: async (document, userId, { as } = {}) =>
      (await ask(document, { kind: 'remove author', userId }, 'done', as)).changed,
    follow: (document, listener) => documents.follow(nameOf(document), listener),
    sendStateless(document, text, to) {
      const { statelessBytesMax } = limits
      if (Buffer.byteLength(text) > statelessBytesMax) {
        throw new RusherError(
          'TOO_LARGE',
          `a stateless message has up to ${statelessBytesMax} bytes`,
        )
      }
      documents.sendStateless(nameOf(document), text, to)
    },
  }
}

/** JSON that a program made, as a peer would send it. Throws BAD_CONTENT for what is none. */
function jsonContent(field = usualField, json: Json): SentContent {
  try {
    return { as: 'json', field, json: Buffer.from(JSON.stringify(json)) }
  } catch (cause) {
    // A circle, or nesting that JSON.stringify cannot follow.
    throw new RusherError('BAD_CONTENT', 'the content cannot be written as JSON', { cause })
  }
}

async function answerTo(
  documents: CoreDocuments,
  document: string,
  author: User,
  question: DocumentQuestion,
): Promise<DocumentAnswer> {
  try {
    return await within(answerMs, documents.answer(document, author, question))
  } catch (cause) {
    const message = 'the document could not be read or written now'
    throw new RusherError('UNAVAILABLE' satisfies DocumentFault, message, { cause })
  }
}

function isOf<Kind extends DocumentAnswer['kind']>(
  answer: DocumentAnswer,
  kind: Kind,
): answer is Extract<DocumentAnswer, { kind: Kind }> {
  return answer.kind === kind
}

function nameOf(document: string): string {
  const name = parseDocumentName(document)
  if (name !== undefined) return name
  throw new RusherError(
    'BAD_NAME',
    `'${document}' is no name of a document: 1 to 256 bytes, without control characters, not blank`,
  )
}
