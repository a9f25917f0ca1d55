import type { Json } from '../../protocol/index.ts'
import { parseDocumentName } from '../document-edge/entry.ts'
import type { ContentKind, SentContent } from '../document-engine/document-engine.ts'
import type { DocumentQuestion } from '../link/document-messages.ts'

/** One thing that can be asked at one address. */
export interface DocumentRoute {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly document: string
  readonly act: 'read' | 'write'
  /** What its body holds. */
  readonly body: 'nothing' | 'json' | 'text' | 'update'
  readonly ask:
    | { readonly kind: 'read'; readonly of: ContentKind; readonly version?: number }
    | { readonly kind: 'write' | 'seed'; readonly of: ContentKind }
    | { readonly kind: 'versions' }
    | { readonly kind: 'restore'; readonly version: number }
    | { readonly kind: 'remove author' }
}

const contents = ['json', 'text', 'update'] as const
/** What tiptap's Collaboration extension calls its text. */
const usualField = 'default'
const fieldCharsMax = 128

/**
 * What can be asked at an address below the path of documents. A name is one part, percent-encoded. Undefined where nothing can.
 *
 *   <name>/{json,text,update}                  GET; PUT, and POST for an update
 *   <name>/seed/{json,text,update}             POST
 *   <name>/versions                            GET
 *   <name>/versions/<id>/{json,text,update}    GET
 *   <name>/versions/<id>/restore               POST
 *   <name>/remove-author                       POST {"user": id}
 */
export function parseRoute(
  path: string,
  query: URLSearchParams,
): readonly DocumentRoute[] | undefined {
  const [raw = '', first, second, third, more] = path.split('/')
  const document = nameOf(raw)
  const field = query.get('field') ?? usualField
  if (document === undefined || more !== undefined || field.length > fieldCharsMax) return undefined
  if (second === undefined) return plainRoutes(document, first, field)
  if (first === 'seed' && third === undefined) {
    const as = contentOf(second)
    if (as === undefined) return undefined
    const ask = { kind: 'seed', of: { as, field } } as const
    return [{ method: 'POST', document, act: 'write', body: as, ask }]
  }
  if (first === 'versions' && third !== undefined) {
    return versionRoutes(document, Number(second), third, field)
  }
  return undefined
}

function plainRoutes(
  document: string,
  name: string | undefined,
  field: string,
): readonly DocumentRoute[] | undefined {
  const as = contentOf(name)
  if (as !== undefined) {
    const of = { as, field }
    const method = as === 'update' ? 'POST' : 'PUT'
    return [
      { method: 'GET', document, act: 'read', body: 'nothing', ask: { kind: 'read', of } },
      { method, document, act: 'write', body: as, ask: { kind: 'write', of } },
    ]
  }
  if (name === 'versions') {
    return [{ method: 'GET', document, act: 'read', body: 'nothing', ask: { kind: 'versions' } }]
  }
  if (name === 'remove-author') {
    const ask = { kind: 'remove author' } as const
    return [{ method: 'POST', document, act: 'write', body: 'json', ask }]
  }
  return undefined
}

function versionRoutes(
  document: string,
  version: number,
  name: string,
  field: string,
): readonly DocumentRoute[] | undefined {
  if (!Number.isSafeInteger(version) || version < 1) return undefined
  if (name === 'restore') {
    const ask = { kind: 'restore', version } as const
    return [{ method: 'POST', document, act: 'write', body: 'nothing', ask }]
  }
  const as = contentOf(name)
  if (as === undefined) return undefined
  const ask = { kind: 'read', of: { as, field }, version } as const
  return [{ method: 'GET', document, act: 'read', body: 'nothing', ask }]
}

/** The question that a request asks; undefined where its body lacks something. */
export function questionOf(
  { ask }: DocumentRoute,
  body: Buffer,
  json: Json,
): DocumentQuestion | undefined {
  switch (ask.kind) {
    case 'read':
    case 'versions':
    case 'restore':
      return ask
    case 'write':
    case 'seed':
      return { kind: ask.kind, content: contentFrom(ask.of, body) }
    case 'remove author': {
      if (typeof json !== 'object' || json === null || !('user' in json)) return undefined
      const { user } = json
      return typeof user === 'string' ? { kind: 'remove author', userId: user } : undefined
    }
    default:
      return ask satisfies never
  }
}

function contentFrom({ as, field }: ContentKind, body: Buffer): SentContent {
  switch (as) {
    case 'json':
      return { as, field, json: body }
    case 'text':
      return { as, field, text: body.toString() }
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
