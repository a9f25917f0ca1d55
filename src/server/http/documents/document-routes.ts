import type { Json } from '../../../protocol/index.ts'
import { documentLimits } from '../../core/documents/document-limits.ts'
import { type GivenKind, givenKinds } from '../../core/yjs/convert/root-kind.ts'
import type { ContentKind, RootField, SentContent } from '../../core/yjs/document-engine.ts'
import { parseDocumentName } from '../../edge/documents/connection-params.ts'
import type { Condition, DocumentRequest } from '../../link/document-messages.ts'
import { RequestRefused } from '../refusal.ts'

/** One thing that can be asked at one address. */
export interface DocumentRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** The document name; '' for routes without one. */
  readonly document: string
  readonly act: 'read' | 'write'
  readonly ask: Ask
}

type Ask =
  | {
      readonly kind: 'list'
      readonly prefix: string
      readonly after: string
      readonly limit: number
    }
  | { readonly kind: 'read'; readonly of: ContentKind; readonly version?: number }
  | { readonly kind: 'write' | 'seed'; readonly of: ContentKind }
  | { readonly kind: 'outline' | 'versions' | 'delete' | 'remove author' | 'copy' }
  | { readonly kind: 'restore'; readonly version: number }

/** The preconditions of a request. */
export interface Preconditions {
  /** If-None-Match: answer only if the document matches none of these tags. */
  readonly unless?: readonly string[]
  readonly when?: Condition
}

const contents = ['json', 'text', 'delta', 'markdown', 'update'] as const
/** What tiptap's Collaboration extension calls its text. */
const usualField = 'default'
const fieldCharsMax = 128

/**
 * What can be asked at an address below the path of documents. A name is one part, percent-encoded. Undefined where nothing can.
 * Throws RequestRefused for a parameter that has not the form it must have.
 *
 *   ''                                         GET ?prefix=&after=&limit=
 *   <name>                                     GET, DELETE
 *   <name>/{json,text,delta,markdown,update}   GET; PUT, and POST for an update
 *   <name>/seed/{json,text,...}                POST
 *   <name>/copy                                POST {"to": name, "replace"?: true}
 *   <name>/versions                            GET
 *   <name>/versions/<id>/{json,text,...}       GET
 *   <name>/versions/<id>/restore               POST
 *   <name>/remove-author                       POST {"user": id}
 */
export function parseRoute(
  path: string,
  query: URLSearchParams,
): readonly DocumentRoute[] | undefined {
  if (path === '') return listRoutes(query)
  const [raw = '', first, second, third, more] = path.split('/')
  const document = nameOf(raw)
  const root = rootOf(query)
  if (document === undefined || more !== undefined) return undefined
  if (first === undefined) {
    return [
      { method: 'GET', document, act: 'read', ask: { kind: 'outline' } },
      { method: 'DELETE', document, act: 'write', ask: { kind: 'delete' } },
    ]
  }
  if (second === undefined) return plainRoutes(document, first, root)
  if (first === 'seed' && third === undefined) {
    const as = contentOf(second)
    if (as === undefined) return undefined
    return [{ method: 'POST', document, act: 'write', ask: { kind: 'seed', of: { as, ...root } } }]
  }
  if (first === 'versions' && third !== undefined) {
    return versionRoutes(document, Number(second), third, root)
  }
  return undefined
}

function listRoutes(query: URLSearchParams): readonly DocumentRoute[] | undefined {
  const limit = Number(query.get('limit') ?? documentLimits.listUsual)
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw badParameter('limit', 'a whole number above 0')
  }
  const ask = {
    kind: 'list',
    prefix: query.get('prefix') ?? '',
    after: query.get('after') ?? '',
    limit: Math.min(limit, documentLimits.listMax),
  } as const
  return [{ method: 'GET', document: '', act: 'read', ask }]
}

function rootOf(query: URLSearchParams): RootField {
  const field = query.get('field') ?? usualField
  if (field.length > fieldCharsMax) {
    throw badParameter('field', `a name of at most ${fieldCharsMax} characters`)
  }
  const given = query.get('kind')
  if (given === null) return { field }
  const kind: GivenKind | undefined = givenKinds.find((one) => one === given)
  if (kind === undefined) throw badParameter('kind', `one of ${givenKinds.join(', ')}`)
  return { field, kind }
}

function badParameter(name: string, wanted: string): RequestRefused {
  return new RequestRefused(400, 'BAD_PARAMETER', `the parameter \`${name}\` must be ${wanted}`)
}

function plainRoutes(
  document: string,
  name: string,
  root: RootField,
): readonly DocumentRoute[] | undefined {
  const as = contentOf(name)
  if (as !== undefined) {
    const of = { as, ...root }
    const method = as === 'update' ? 'POST' : 'PUT'
    return [
      { method: 'GET', document, act: 'read', ask: { kind: 'read', of } },
      { method, document, act: 'write', ask: { kind: 'write', of } },
    ]
  }
  switch (name) {
    case 'versions':
      return [{ method: 'GET', document, act: 'read', ask: { kind: 'versions' } }]
    case 'remove-author':
      return [{ method: 'POST', document, act: 'write', ask: { kind: 'remove author' } }]
    case 'copy':
      return [{ method: 'POST', document, act: 'read', ask: { kind: 'copy' } }]
    default:
      return undefined
  }
}

function versionRoutes(
  document: string,
  version: number,
  name: string,
  root: RootField,
): readonly DocumentRoute[] | undefined {
  if (!Number.isSafeInteger(version) || version < 1) return undefined
  if (name === 'restore') {
    return [{ method: 'POST', document, act: 'write', ask: { kind: 'restore', version } }]
  }
  const as = contentOf(name)
  if (as === undefined) return undefined
  const ask = { kind: 'read', of: { as, ...root }, version } as const
  return [{ method: 'GET', document, act: 'read', ask }]
}

/** Whether the body of a route holds JSON parameters instead of content. */
export function hasParameters({ ask }: DocumentRoute): boolean {
  return ask.kind === 'remove author' || ask.kind === 'copy'
}

/** The expected parameters, for an error message. */
export function parametersOf({ ask }: DocumentRoute): string {
  return ask.kind === 'copy' ? '{"to": "<name>"}' : '{"user": "<id>"}'
}

/** The question that a request asks; undefined where its body lacks something. */
export function questionOf(
  { ask }: DocumentRoute,
  { body, parameters }: { readonly body: Buffer; readonly parameters: Json },
  { unless, when }: Preconditions,
): DocumentRequest | undefined {
  const ifAt = unless === undefined ? {} : { unless }
  const on = when === undefined ? {} : { when }
  switch (ask.kind) {
    case 'read':
      return { ...ask, ...ifAt }
    case 'outline':
    case 'versions':
      return { kind: ask.kind, ...ifAt }
    case 'restore':
      return { ...ask, ...on }
    case 'delete':
      return { kind: 'delete', ...on }
    case 'write':
      return { kind: 'write', content: contentFrom(ask.of, body), ...on }
    case 'seed':
      return { kind: 'seed', content: contentFrom(ask.of, body) }
    case 'remove author': {
      const user = textIn(parameters, 'user')
      return user === undefined ? undefined : { kind: 'remove author', userId: user, ...on }
    }
    case 'copy': {
      const to = parseDocumentName(textIn(parameters, 'to') ?? '')
      const replace = valueIn(parameters, 'replace') === true
      return to === undefined ? undefined : { kind: 'copy', to, replace, ...on }
    }
    case 'list':
      return undefined
    default:
      return ask satisfies never
  }
}

function valueIn(parameters: Json, name: string): Json | undefined {
  if (typeof parameters !== 'object' || parameters === null) return undefined
  return Object.entries(parameters).find(([key]) => key === name)?.[1] as Json | undefined
}

function textIn(parameters: Json, name: string): string | undefined {
  const value = valueIn(parameters, name)
  return typeof value === 'string' ? value : undefined
}

function contentFrom({ as, ...root }: ContentKind, body: Buffer): SentContent {
  switch (as) {
    case 'json':
    case 'delta':
      return { as, ...root, json: body }
    case 'text':
    case 'markdown':
      return { as, ...root, text: body.toString() }
    case 'update':
      return { as, update: body }
    default:
      return as satisfies never
  }
}

function contentOf(name: string | undefined): ContentKind['as'] | undefined {
  return contents.find((one) => one === name)
}

function nameOf(raw: string): string | undefined {
  try {
    return parseDocumentName(decodeURIComponent(raw))
  } catch {
    // decodeURIComponent throws where a percent sign starts nothing.
    return undefined
  }
}
