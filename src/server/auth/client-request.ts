import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ClientRequest } from './auth.ts'

/** Cookies that are read from one request; browsers keep fewer for a host. */
export const cookiesMax = 256

/** Reads what authentication may use of a request; undefined where no auth uses it. */
export type ReadRequest = (request: RawRequest) => ClientRequest | undefined

/** The parts of Node's request that authentication can use. */
type RawRequest = Pick<IncomingMessage, 'headers' | 'url'> & {
  readonly socket?: { readonly remoteAddress?: string | undefined }
}

/**
 * A request as an auth gets it. Cookies and query are parsed when they are first read. It has no own
 * properties, so that logging it reveals no secret.
 */
export class IncomingClientRequest implements ClientRequest {
  readonly #headers: IncomingHttpHeaders
  readonly #url: string
  readonly #address: string | undefined
  #cookies: Readonly<Record<string, string>> | undefined
  #query: URLSearchParams | undefined

  constructor({ headers, url = '/', socket }: RawRequest) {
    this.#headers = headers
    this.#url = url
    this.#address = socket?.remoteAddress
  }

  get headers(): Readonly<IncomingHttpHeaders> {
    return this.#headers
  }

  get cookies(): Readonly<Record<string, string>> {
    this.#cookies ??= parseCookies(this.#headers.cookie)
    return this.#cookies
  }

  get path(): string {
    return this.#url.split('?', 1)[0] ?? '/'
  }

  get query(): URLSearchParams {
    const start = this.#url.indexOf('?')
    this.#query ??= new URLSearchParams(start === -1 ? '' : this.#url.slice(start + 1))
    return this.#query
  }

  get address(): string | undefined {
    return this.#address
  }
}

/**
 * Parses a `Cookie` header (RFC 6265 section 4.2.1). Pairs without a name are skipped; a value that
 * is not valid percent-encoding is kept as it is. The result has no prototype.
 */
export function parseCookies(header = ''): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null)
  let count = 0
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals === -1 || name === '' || name in cookies) continue
    cookies[name] = decoded(pair.slice(equals + 1).trim())
    count += 1
    if (count === cookiesMax) break
  }
  return cookies
}

function decoded(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
  const bare = isQuoted ? value.slice(1, -1) : value
  try {
    return bare.includes('%') ? decodeURIComponent(bare) : bare
  } catch {
    // A percent sign that starts nothing: decodeURIComponent has no other way to say so.
    return bare
  }
}
