import { type Json, type Limits, RusherError, type User } from '../protocol/index.ts'
import { documentLimits } from './core/documents/document-limits.ts'
import type { Documents } from './core/documents/documents.ts'
import { givenKinds } from './core/yjs/convert/root-kind.ts'
import type { ContentKind, SentContent } from './core/yjs/document-engine.ts'
import { WorkerLaneError } from './core/yjs/worker-lane.ts'
import { withTimeout } from './edge/connection/with-timeout.ts'
import { parseDocumentName } from './edge/documents/connection-params.ts'
import type {
  Condition,
  DocumentAnswer,
  DocumentFault,
  DocumentRequest,
} from './link/document-messages.ts'
import type {
  ChangedDocument,
  DocumentChanges,
  DocumentPrecondition,
  DocumentReads,
  ReadDocument,
  RootOptions,
  ServerDocuments,
  WriteDocument,
} from './server-documents.ts'

/** The part of the core's documents that the embedding program can use. */
type CoreDocuments = Pick<Documents, 'answer' | 'list' | 'follow' | 'sendStateless'>

type AnswerOf<Kind extends DocumentAnswer['kind']> = Extract<DocumentAnswer, { kind: Kind }>

/** Asks about one document. Rejects with a RusherError for what is refused. */
type Ask = <Kind extends DocumentAnswer['kind']>(
  document: string,
  question: DocumentRequest,
  kind: Kind,
  as?: User,
) => Promise<AnswerOf<Kind>>

const ownUser: User = { id: 'server' }
const usualField = 'default'
/** Timeout of a request, in milliseconds; longer than any step it waits for. */
const answerMs = 60_000

/**
 * Creates the document API of the embedding program. It sends the same requests as the HTTP API.
 */
export function createServerDocuments(
  documents: CoreDocuments,
  { statelessBytesMax }: Pick<Limits, 'statelessBytesMax'>,
  isClosed: () => boolean,
): ServerDocuments {
  const mustBeOpen = (): void => {
    if (isClosed()) throw closedError()
  }
  const ask: Ask = async (document, question, kind, as = ownUser) => {
    mustBeOpen()
    return answerOf(kind, documents.answer(nameOf(document), as, question))
  }
  return {
    ...readsOf(ask, documents, mustBeOpen),
    ...changesOf(ask),
    follow(document, listener) {
      mustBeOpen()
      return documents.follow(nameOf(document), listener)
    },
    sendStateless(document, text, to) {
      mustBeOpen()
      if (Buffer.byteLength(text) > statelessBytesMax) {
        throw new RusherError(
          'TOO_LARGE',
          `a stateless message is limited to ${statelessBytesMax} bytes`,
        )
      }
      documents.sendStateless(nameOf(document), text, to)
    },
  }
}

function readsOf(
  ask: Ask,
  documents: Pick<CoreDocuments, 'list'>,
  mustBeOpen: () => void,
): DocumentReads {
  return {
    async describe(document) {
      const { outline, tag } = await ask(document, { kind: 'outline' }, 'outline')
      return { ...outline, tag }
    },
    async readJson(document, options) {
      const { text, tag } = await ask(document, readOf('json', options), 'json')
      // The engine's own text, as in a delta.
      return { json: JSON.parse(text) as Json, tag }
    },
    async readText(document, options) {
      const { text, tag } = await ask(document, readOf('text', options), 'text')
      return { text, tag }
    },
    async readDelta(document, options) {
      const { text, tag } = await ask(document, readOf('delta', options), 'json')
      return { delta: JSON.parse(text) as Json, tag }
    },
    async readMarkdown(document, options) {
      const { text, tag } = await ask(document, readOf('markdown', options), 'text')
      return { markdown: text, tag }
    },
    async readUpdate(document, options) {
      const { bytes, tag } = await ask(document, readOf('update', options), 'bytes')
      return { update: bytes, tag }
    },
    async versions(document) {
      const { versions, tag } = await ask(document, { kind: 'versions' }, 'versions')
      return { versions, tag }
    },
    async list({ prefix = '', after = '', limit = documentLimits.listUsual } = {}) {
      mustBeOpen()
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new RusherError('BAD_LIMIT', `a list of ${limit} documents cannot be made`)
      }
      const question = { prefix, after, limit: Math.min(limit, documentLimits.listMax) }
      const { kind: _kind, ...page } = await answerOf('list', documents.list(question))
      return page
    },
  }
}

function changesOf(ask: Ask): DocumentChanges {
  async function change(
    document: string,
    question: DocumentRequest,
    as: User | undefined,
  ): Promise<ChangedDocument> {
    const { changed, tag, corrected } = await ask(document, question, 'done', as)
    return {
      changed,
      ...(tag === undefined ? {} : { tag }),
      ...(corrected === undefined ? {} : { corrected }),
    }
  }

  async function write(
    document: string,
    content: SentContent,
    { as, seed = false, ...given }: WriteDocument,
  ): Promise<ChangedDocument> {
    const when = whenOf(given)
    if (!seed) return change(document, { kind: 'write', content, ...when }, as)
    if ('when' in when) {
      throw new RusherError('BAD_PRECONDITION', 'a seed is only written where nothing ever was')
    }
    return change(document, { kind: 'seed', content }, as)
  }

  return {
    writeJson: async (document, json, options = {}) =>
      write(document, { as: 'json', ...rootOf(options), json: jsonBytes(json) }, options),
    writeText: async (document, text, options = {}) =>
      write(document, { as: 'text', ...rootOf(options), text: textOf(text) }, options),
    writeDelta: async (document, delta, options = {}) =>
      write(document, { as: 'delta', ...rootOf(options), json: jsonBytes(delta) }, options),
    writeMarkdown: async (document, markdown, options = {}) =>
      write(document, { as: 'markdown', ...rootOf(options), text: textOf(markdown) }, options),
    writeUpdate: async (document, update, options = {}) =>
      write(document, { as: 'update', update: bytesOf(update) }, options),
    restore: async (document, version, { as, ...given } = {}) =>
      change(document, { kind: 'restore', version, ...whenOf(given) }, as),
    removeAuthor: async (document, userId, { as, ...given } = {}) =>
      change(document, { kind: 'remove author', userId, ...whenOf(given) }, as),
    delete: async (document, { as, ...given } = {}) =>
      change(document, { kind: 'delete', ...whenOf(given) }, as),
    copy: async (document, to, { as, replace = false, ...given } = {}) =>
      change(document, { kind: 'copy', to: nameOf(to), replace, ...whenOf(given) }, as),
  }
}

function readOf(
  as: ContentKind['as'],
  { version, ...root }: ReadDocument = {},
): Extract<DocumentRequest, { kind: 'read' }> {
  const of = { as, ...rootOf(root) }
  return { kind: 'read', of, ...(version === undefined ? {} : { version }) }
}

function rootOf({ field = usualField, kind }: RootOptions): Omit<ContentKind, 'as'> {
  if (typeof field !== 'string') throw badArgument('`field` must be a string')
  if (kind !== undefined && !givenKinds.includes(kind)) {
    throw badArgument(`\`kind\` must be one of ${givenKinds.join(', ')}`)
  }
  return { field, ...(kind === undefined ? {} : { kind }) }
}

function whenOf({ ifMatch, ifAbsent = false }: DocumentPrecondition): {
  readonly when?: Condition
} {
  if (ifMatch === undefined) return ifAbsent ? { when: { kind: 'absent' } } : {}
  if (ifAbsent) {
    throw new RusherError('BAD_PRECONDITION', 'a change takes `ifMatch` or `ifAbsent`')
  }
  return { when: ifMatch === '*' ? { kind: 'exists' } : { kind: 'at', tags: [ifMatch] } }
}

/** A text from a program, which may not be checked by types. Throws BAD_CONTENT. */
function textOf(text: unknown): string {
  if (typeof text === 'string') return text
  throw new RusherError('BAD_CONTENT', `the content must be a string, not ${typeof text}`)
}

function bytesOf(update: unknown): Uint8Array {
  if (update instanceof Uint8Array) return update
  throw new RusherError('BAD_UPDATE', 'the update must be a Uint8Array')
}

function badArgument(message: string): RusherError {
  return new RusherError('BAD_ARGUMENT', message)
}

/** Encodes JSON given by the program. Throws BAD_CONTENT if it cannot be serialized. */
function jsonBytes(json: Json): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(json))
  } catch (cause) {
    // A cycle, or nesting too deep for JSON.stringify.
    throw new RusherError('BAD_CONTENT', 'the content cannot be written as JSON', { cause })
  }
}

async function answerOf<Kind extends DocumentAnswer['kind']>(
  kind: Kind,
  work: Promise<DocumentAnswer>,
): Promise<AnswerOf<Kind>> {
  const answer = await withTimeout(answerMs, work).catch((cause: unknown) => {
    if (cause instanceof WorkerLaneError && cause.fault === 'threw') {
      throw new RusherError('BAD_CONTENT', 'the content could not be converted', { cause })
    }
    if (cause instanceof RusherError && closedCodes.has(cause.code)) throw closedError(cause)
    const message = 'the document is unavailable'
    throw new RusherError('UNAVAILABLE' satisfies DocumentFault, message, { cause })
  })
  if (answer.kind === 'refused') throw new RusherError(answer.fault, answer.message)
  if (!isOf(answer, kind)) throw new Error(`a request was answered with ${answer.kind}`)
  return answer
}

const closedCodes: ReadonlySet<string> = new Set(['ENGINE_CLOSED', 'STORAGE_CLOSED'])

function closedError(cause?: RusherError): RusherError {
  return new RusherError('SERVER_CLOSED', 'the server was closed', { cause })
}

function isOf<Kind extends DocumentAnswer['kind']>(
  answer: DocumentAnswer,
  kind: Kind,
): answer is AnswerOf<Kind> {
  return answer.kind === kind
}

function nameOf(document: unknown): string {
  const name = typeof document === 'string' ? parseDocumentName(document) : undefined
  if (name !== undefined) return name
  throw new RusherError(
    'BAD_NAME',
    `'${document}' is not a document name: 1 to 256 bytes, without control characters, not blank`,
  )
}
