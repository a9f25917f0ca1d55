import type { IncomingMessage } from 'node:http'
import { parseUser } from '../../../protocol/index.ts'
import type { ConnectionParams } from './document-connection.ts'

/** Longest name of a document, in bytes of UTF-8. */
const nameBytesMax = 256
/** Names in a list of nodes or marks. */
const wordsMax = 512

/**
 * A document's name: 1 to 256 bytes of UTF-8 without control characters, and not blank. Returns undefined for anything else.
 */
export function parseDocumentName(name: string): string | undefined {
  const valid =
    name.trim() !== '' &&
    Buffer.byteLength(name) <= nameBytesMax &&
    !/\p{Cc}|\p{Surrogate}/u.test(name)
  return valid ? name : undefined
}

/** Reads what a path and its query say; `base` is where documents are served. A name that is none is read as ''. */
export function parseConnectionParams(
  { url = '/' }: Pick<IncomingMessage, 'url'>,
  base: string,
): ConnectionParams {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  const params = new URLSearchParams(query === -1 ? '' : url.slice(query + 1))
  const rest = path.slice(base.length + 1)
  const token = params.get('token') ?? undefined
  return {
    document: rest === '' ? undefined : decodeName(rest),
    token: token === '' ? undefined : token,
    user: userOf(params),
    vocabulary: vocabularyFrom(params),
    session: undefined,
  }
}

/** Names come as y-websocket joins them to its URL, or percent-encoded by a browser: both are the same document. */
export function decodeName(raw: string): string {
  try {
    return parseDocumentName(decodeURIComponent(raw)) ?? ''
  } catch {
    // A percent sign that starts nothing: decodeURIComponent has no other way to say so.
    return ''
  }
}

function userOf(params: URLSearchParams): ConnectionParams['user'] {
  const id = params.get('user')
  const name = params.get('name')
  return id === null ? undefined : parseUser({ id, ...(name === null ? {} : { name }) })
}

/** What the editor of a client can show, as a URL says; undefined where it says nothing. */
export function editorSchemaOf(url = ''): ConnectionParams['vocabulary'] {
  const query = url.indexOf('?')
  return query === -1 ? undefined : vocabularyFrom(new URLSearchParams(url.slice(query + 1)))
}

function vocabularyFrom(params: URLSearchParams): ConnectionParams['vocabulary'] {
  const nodes = params.get('nodes')
  if (nodes === null) return undefined
  return { nodes: words(nodes), marks: words(params.get('marks') ?? '') }
}

function words(list: string): readonly string[] {
  return list
    .split(',')
    .filter((word) => word !== '')
    .slice(0, wordsMax)
}
