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
import type { Budget } from './budget.ts'
import { type DocumentRoute, parseRoute, questionOf } from './document-routes.ts'
import { RequestRefused } from './refusal.ts'
import { readBody } from './request-body.ts'
import type { RequestRates } from './request-rates.ts'
import { send, sendJson } from './responding.ts'

export interface DocumentRequestOptions {
  /** Path under which documents are served. */
  readonly base: string
  readonly bodyBytesMax: number
  /** Bytes of all bodies that are held at once. */
  readonly bodies: Budget
  /** Requests that are answered at once. */
  readonly requests: Budget
  readonly rates: RequestRates
  /** Whose requests are counted together. */
  readonly ratePer: 'user' | 'address'
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
) => Promise<void>

/** Bytes of a body that holds no content. */
const smallBytesMax = 16 * 1024

/** What an answer calls the fact that something was done. */
const doneNames: Readonly<Partial<Record<DocumentQuestion['kind'], string>>> = {
  seed: 'seeded',
  restore: 'restored',
}

const statusOf: Readonly<Record<DocumentFault, number>> = {
  BAD_UPDATE: 422,
  BAD_JSON: 400,
  GAP: 409,
  CLIENT_ID_TAKEN: 409,
  DOCUMENT_FULL: 413,
  READ_ONLY: 403,
  NOT_FOUND: 404,
  BAD_CONTENT: 422,
  UNAVAILABLE: 503,
}

/** Resolves when it has answered; rejects with RequestRefused, RequestGone or a fault, which `respond` answers. */
export function createDocumentRequests(options: DocumentRequestOptions): DocumentRequests {
  const { requests } = options
  return async (request, response, path) => {
    if (!requests.take(1)) throw tooMany()
    try {
      await answer(options, request, response, path)
    } finally {
      requests.giveBack(1)
    }
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
    throw new RequestRefused(
      404,
      'NOT_FOUND',
      'no such address; PROTOCOL.md has those of documents',
    )
  }
  const route = found.find((one) => one.method === method)
  if (route === undefined) {
    const methods = found.map((one) => one.method).join(', ')
    response.setHeader('Allow', methods)
    throw new RequestRefused(405, 'METHOD', `this address takes ${methods}`)
  }
  if (!options.allows(request)) {
    throw new RequestRefused(403, 'ORIGIN', 'this origin is not allowed: list it in `origins`')
  }
  const { remoteAddress = '' } = request.socket
  if (options.ratePer === 'address') takeTurn(options, remoteAddress)
  const author = await authorOf(options, request, query, route)
  if (options.ratePer === 'user') takeTurn(options, author.id === '' ? remoteAddress : author.id)
  const isContent = route.ask.kind === 'write' || route.ask.kind === 'seed'
  const bytesMax = isContent ? options.bodyBytesMax : smallBytesMax
  const body = await readBody(request, bytesMax, options.bodies)
  try {
    const question = questionFrom(route, body.bytes)
    sendAnswer(response, question.kind, await options.ask(route.document, author, question))
  } finally {
    body.release()
  }
}

function takeTurn({ rates }: DocumentRequestOptions, who: string): void {
  const waitMs = rates.take(who)
  if (waitMs === 0) return
  const text = 'too many requests; wait'
  throw new RequestRefused(429, 'RATE_LIMITED', text, Math.ceil(waitMs / 1_000))
}

function tooMany(): RequestRefused {
  return new RequestRefused(
    503,
    'BUSY',
    'the server answers as many requests about documents as it may; come again',
    1,
  )
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
        ? new RequestRefused(
            401,
            'TOKEN_REFUSED',
            'send a valid token: Authorization: Bearer <token>',
          )
        : new RequestRefused(403, 'DENIED', 'this user may not read this document')
    case 'unknown':
      throw new RequestRefused(
        503,
        'UNAVAILABLE',
        'it could not be found out who you are; try again',
      )
    case 'admitted':
      if (act === 'write' && !admitted.mayWrite) {
        throw new RequestRefused(403, 'DENIED', 'this user may not change this document')
      }
      return nameOf(admitted.identity)
    default:
      return admitted satisfies never
  }
}

function nameOf({ anonymous, user }: Identity): Author {
  return anonymous === true ? { id: '' } : user
}

function questionFrom(route: DocumentRoute, body: Buffer): DocumentQuestion {
  // Content is not looked at in this thread.
  const json = route.ask.kind === 'remove author' ? parseJson(body) : null
  const question = questionOf(route, body, json)
  if (question === undefined) throw new RequestRefused(400, 'BAD_BODY', 'send {"user": "<id>"}')
  return question
}

function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString()) as Json
  } catch {
    throw new RequestRefused(400, 'BAD_JSON', 'the body is not JSON')
  }
}

function sendAnswer(
  response: ServerResponse,
  asked: DocumentQuestion['kind'],
  answered: DocumentAnswer,
): void {
  switch (answered.kind) {
    case 'json':
      return sendJson(response, 200, `${answered.text}\n`)
    case 'text':
      return send(response, 200, 'text/plain; charset=utf-8', answered.text)
    case 'bytes':
      return send(response, 200, 'application/octet-stream', answered.bytes)
    case 'versions':
      return sendJson(response, 200, textOf({ versions: answered.versions }))
    case 'done':
      return sendJson(response, 200, textOf({ [doneNames[asked] ?? 'changed']: answered.changed }))
    case 'refused':
      throw new RequestRefused(statusOf[answered.fault], answered.fault, answered.message)
    case 'opened':
    case 'saved':
    case 'page':
      throw new Error(`a request was answered with ${answered.kind}`)
    default:
      return answered satisfies never
  }
}

function textOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}
