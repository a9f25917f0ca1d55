import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Json, parseUser } from '../../../protocol/index.ts'
import type { ClientRequest, Credentials, Identity } from '../../auth/auth.ts'
import type { ReadRequest } from '../../auth/client-request.ts'
import type { Admitted, Identified } from '../../edge/documents/authorize.ts'
import type { Author, DocumentAnswer, DocumentRequest } from '../../link/document-messages.ts'
import { RequestRefused } from '../refusal.ts'
import { type RequestBodies, smallBodyBytesMax } from '../request-bodies.ts'
import { readBody } from '../request-body.ts'
import type { RequestRates } from '../request-rates.ts'
import type { PathHandler } from '../requests.ts'
import { sendJson } from '../respond.ts'
import type { SharedBudget } from '../shared-budget.ts'
import { sendAnswer } from './document-answers.ts'
import { type ListingContext, listReadable } from './document-list.ts'
import {
  type DocumentRoute,
  hasParameters,
  type Preconditions,
  parametersOf,
  parseRoute,
  questionOf,
} from './document-routes.ts'
import { parsePreconditions } from './preconditions.ts'

export interface DocumentRequestOptions {
  /** Path under which documents are served. */
  readonly base: string
  readonly bodyBytesMax: number
  /** The bodies that are received or held. */
  readonly bodies: RequestBodies
  /** Requests that are answered at once. One has its place when its body is complete. */
  readonly requests: SharedBudget
  readonly rates: RequestRates
  /** Key of the rate limit. */
  readonly ratePer: 'user' | 'address'
  /** Whether a page of this origin may ask. */
  readonly allows: (request: IncomingMessage) => boolean
  readonly readRequest: ReadRequest
  readonly admit: (
    credentials: Credentials,
    document: string,
    request?: ClientRequest,
  ) => Promise<Admitted>
  /** Authenticates a request that does not address a document. */
  readonly identify: (credentials: Credentials, request?: ClientRequest) => Promise<Identified>
  readonly listing: ListingContext
  readonly ask: (
    document: string,
    author: Author,
    question: DocumentRequest,
  ) => Promise<DocumentAnswer>
}

/**
 * Answers a backend's requests about documents. Resolves once it has answered; rejects with
 * RequestRefused, RequestGone or an internal error.
 */
export function createDocumentRequests(options: DocumentRequestOptions): PathHandler {
  return (request, response, path) => answer(options, request, response, path)
}

/** Does something in one of the places of requests that are answered at once. */
async function inPlace(
  { requests }: DocumentRequestOptions,
  who: string,
  act: () => Promise<void>,
): Promise<void> {
  if (!requests.take(who, 1)) throw tooMany()
  try {
    await act()
  } finally {
    requests.giveBack(who, 1)
  }
}

async function answer(
  options: DocumentRequestOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  // Node leaves the body out of an answer to HEAD.
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const found = parseRoute(path.slice(options.base.length + 1), query)
  if (found === undefined) {
    throw new RequestRefused(
      404,
      'NOT_FOUND',
      'no such endpoint; PROTOCOL.md lists the document endpoints',
    )
  }
  const route = found.find((one) => one.method === method)
  if (route === undefined) {
    const methods = methodsOf(found)
    response.setHeader('Allow', methods)
    throw new RequestRefused(405, 'METHOD', `this endpoint accepts ${methods}`)
  }
  if (!options.allows(request)) {
    throw new RequestRefused(403, 'ORIGIN', 'this origin is not allowed: add it to `origins`')
  }
  const { remoteAddress = '' } = request.socket
  if (options.ratePer === 'address') takeTurn(options, remoteAddress)
  if (route.ask.kind === 'list') {
    const identity = await identityOf(options, request, query)
    const who = options.ratePer === 'user' ? identity.user.id : remoteAddress
    if (options.ratePer === 'user') takeTurn(options, who)
    const { ask } = route
    return inPlace(options, who, async () => {
      const page = await listReadable(options.listing, identity, ask)
      sendJson(response, 200, `${JSON.stringify(page)}\n`)
    })
  }
  const preconditions = parsePreconditions(request.headers, route)
  const author = await authorOf(options, request, query, route)
  const isNamed = options.ratePer === 'user' && author.id !== ''
  const who = isNamed ? author.id : remoteAddress
  if (options.ratePer === 'user') takeTurn(options, who)
  const isContent = route.ask.kind === 'write' || route.ask.kind === 'seed'
  const bytesMax = isContent ? options.bodyBytesMax : smallBodyBytesMax
  const body = await readBody(request, bytesMax, options.bodies, who)
  try {
    await inPlace(options, who, async () => {
      const question = questionFrom(route, body.bytes, preconditions)
      if (question.kind === 'copy') await mustWrite(options, request, query, question.to)
      sendAnswer(response, question.kind, await options.ask(route.document, author, question))
    })
  } finally {
    body.release()
  }
}

/** The methods that an address takes. HEAD goes wherever GET does. */
function methodsOf(routes: readonly DocumentRoute[]): string {
  return routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
}

function takeTurn({ rates }: DocumentRequestOptions, who: string): void {
  const waitMs = rates.take(who)
  if (waitMs === 0) return
  const text = 'too many requests; try again later'
  throw new RequestRefused(429, 'RATE_LIMITED', text, Math.ceil(waitMs / 1_000))
}

function tooMany(): RequestRefused {
  return new RequestRefused(
    503,
    'BUSY',
    'too many document requests are in progress; try again later',
    1,
  )
}

/** The credentials of a request. */
function credentialsOf(request: IncomingMessage, query: URLSearchParams): Credentials {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? query.get('token') ?? undefined
  const id = query.get('user')
  const name = query.get('name')
  const user = id === null ? undefined : parseUser({ id, ...(name === null ? {} : { name }) })
  return { ...(token === undefined ? {} : { token }), ...(user === undefined ? {} : { user }) }
}

async function identityOf(
  { identify, readRequest }: DocumentRequestOptions,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Identity> {
  const identified = await identify(credentialsOf(request, query), readRequest(request))
  if (identified.kind === 'known') return identified.identity
  throw identified.kind === 'refused' ? tokenRefused(identified.message) : unknownUser()
}

/** Requires write access: for a copy, to its target. */
function mustWrite(
  options: DocumentRequestOptions,
  request: IncomingMessage,
  query: URLSearchParams,
  document: string,
): Promise<Author> {
  return authorOf(options, request, query, { document, act: 'write' })
}

async function authorOf(
  { admit, readRequest }: DocumentRequestOptions,
  request: IncomingMessage,
  query: URLSearchParams,
  { document, act }: Pick<DocumentRoute, 'document' | 'act'>,
): Promise<Author> {
  const admitted = await admit(credentialsOf(request, query), document, readRequest(request))
  switch (admitted.kind) {
    case 'refused':
      throw admitted.why === 'TOKEN_REFUSED'
        ? tokenRefused(admitted.message)
        : new RequestRefused(403, 'DENIED', 'this user may not read this document')
    case 'unknown':
      throw unknownUser()
    case 'admitted':
      if (act === 'write' && !admitted.mayWrite) {
        throw new RequestRefused(403, 'DENIED', 'this user may not change this document')
      }
      return nameOf(admitted.identity)
    default:
      return admitted satisfies never
  }
}

function tokenRefused(why = 'the token was refused'): RequestRefused {
  const text = `${why}; send a valid token: Authorization: Bearer <token>`
  return new RequestRefused(401, 'TOKEN_REFUSED', text)
}

function unknownUser(): RequestRefused {
  const text = 'authentication is unavailable; try again'
  return new RequestRefused(503, 'UNAVAILABLE', text)
}

function nameOf({ anonymous, user }: Identity): Author {
  return anonymous === true ? { id: '' } : user
}

function questionFrom(
  route: DocumentRoute,
  body: Buffer,
  preconditions: Preconditions,
): DocumentRequest {
  // Content is parsed in the document engine, not in this thread.
  const parameters = hasParameters(route) ? parseJson(body) : null
  const question = questionOf(route, { body, parameters }, preconditions)
  if (question === undefined) {
    throw new RequestRefused(400, 'BAD_BODY', `send ${parametersOf(route)}`)
  }
  return question
}

function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString()) as Json
  } catch {
    throw new RequestRefused(400, 'BAD_JSON', 'the body is not JSON')
  }
}
