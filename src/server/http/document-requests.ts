import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Json, parseUser, type User } from '../../protocol/index.ts'
import type { Identity } from '../auth/auth.ts'
import type { Admitted } from '../document-edge/admission.ts'
import type {
  Author,
  DocumentAnswer,
  DocumentFault,
  DocumentQuestion,
} from '../link/document-messages.ts'
import { type DocumentRoute, parseRoute, questionOf } from './document-routes.ts'

export interface DocumentRequestOptions {
  /** Path under which documents are served. */
  readonly base: string
  readonly bodyBytesMax: number
  /** Whether a page of this origin may ask. */
  readonly allows: (request: IncomingMessage) => boolean
  readonly admit: (
    credentials: { readonly token?: string; readonly user?: User },
    document: string,
  ) => Promise<Admitted>
  readonly ask: (
    document: string,
    author: Author,
    question: DocumentQuestion,
  ) => Promise<DocumentAnswer>
}

/** Answers a backend's requests about documents. */
export type DocumentRequests = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => void

/** A request that is refused, as its answer says it. */
class Refused extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** What an answer calls the fact that something was done. */
const doneNames: Readonly<Partial<Record<DocumentQuestion['kind'], string>>> = {
  seed: 'seeded',
  restore: 'restored',
}

const statusOf: Readonly<Record<DocumentFault, number>> = {
  BAD_UPDATE: 422,
  GAP: 409,
  FORGED: 403,
  DOCUMENT_FULL: 413,
  READ_ONLY: 403,
  NOT_FOUND: 404,
  BAD_CONTENT: 422,
  UNAVAILABLE: 503,
}

export function createDocumentRequests(options: DocumentRequestOptions): DocumentRequests {
  return (request, response, path) => {
    answer(options, request, response, path).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error
      // What is left of a body that nobody reads would stand before the next request.
      if (!request.complete) response.setHeader('Connection', 'close')
      sendJson(response, error.status, { error: { code: error.code, message: error.message } })
    })
  }
}

async function answer(
  options: DocumentRequestOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const { method = 'GET' } = request
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const found = parseRoute(path.slice(options.base.length + 1), query)
  if (found === undefined) {
    throw new Refused(404, 'NOT_FOUND', 'no such address; PROTOCOL.md has those of documents')
  }
  const route = found.find((one) => one.method === method)
  if (route === undefined) {
    const methods = found.map((one) => one.method).join(', ')
    response.setHeader('Allow', methods)
    throw new Refused(405, 'METHOD', `this address takes ${methods}`)
  }
  if (!options.allows(request)) {
    throw new Refused(403, 'ORIGIN', 'this origin is not allowed: list it in `origins`')
  }
  const author = await authorOf(options, request, query, route)
  const body = await readBody(request, options.bodyBytesMax)
  const question = questionFrom(route, body)
  sendAnswer(response, question.kind, await options.ask(route.document, author, question))
}

async function authorOf(
  { admit }: DocumentRequestOptions,
  request: IncomingMessage,
  query: URLSearchParams,
  { document, act }: DocumentRoute,
): Promise<Author> {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? query.get('token') ?? undefined
  const id = query.get('user')
  const name = query.get('name')
  const user = id === null ? undefined : parseUser({ id, ...(name === null ? {} : { name }) })
  const admitted = await admit(
    { ...(token === undefined ? {} : { token }), ...(user === undefined ? {} : { user }) },
    document,
  )
  switch (admitted.kind) {
    case 'refused':
      throw admitted.why === 'TOKEN_REFUSED'
        ? new Refused(401, 'TOKEN_REFUSED', 'send a valid token: Authorization: Bearer <token>')
        : new Refused(403, 'DENIED', 'this user may not read this document')
    case 'unknown':
      throw new Refused(503, 'UNAVAILABLE', 'it could not be found out who you are; try again')
    case 'admitted':
      if (act === 'write' && !admitted.mayWrite) {
        throw new Refused(403, 'DENIED', 'this user may not change this document')
      }
      return nameOf(admitted.identity)
    default:
      return admitted satisfies never
  }
}

function nameOf({ anonymous, user }: Identity): Author {
  return anonymous === true ? { id: '' } : user
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > bytesMax) {
      throw new Refused(413, 'TOO_LARGE', `the body is larger than ${bytesMax} bytes`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function questionFrom(route: DocumentRoute, body: Buffer): DocumentQuestion {
  const question = questionOf(route, body, route.body === 'json' ? parseJson(body) : null)
  if (question === undefined) throw new Refused(400, 'BAD_BODY', 'send {"user": "<id>"}')
  return question
}

function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString()) as Json
  } catch {
    throw new Refused(400, 'BAD_JSON', 'the body is not JSON')
  }
}

function sendAnswer(
  response: ServerResponse,
  asked: DocumentQuestion['kind'],
  answered: DocumentAnswer,
): void {
  switch (answered.kind) {
    case 'json':
      return sendJson(response, 200, answered.json)
    case 'text':
      return send(response, 200, 'text/plain; charset=utf-8', answered.text)
    case 'bytes':
      return send(response, 200, 'application/octet-stream', answered.bytes)
    case 'versions':
      return sendJson(response, 200, { versions: answered.versions })
    case 'done':
      return sendJson(response, 200, { [doneNames[asked] ?? 'changed']: answered.changed })
    case 'refused':
      throw new Refused(statusOf[answered.fault], answered.fault, answered.message)
    case 'opened':
    case 'saved':
    case 'page':
      throw new Error(`a request was answered with ${answered.kind}`)
    default:
      return answered satisfies never
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Uint8Array,
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(content)
}
