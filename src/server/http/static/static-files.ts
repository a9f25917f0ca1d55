import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, normalize, sep } from 'node:path'
import send from 'send'
import { contain, contained, type FaultContext } from '../../runtime/containment.ts'
import { answer, type PathHandler } from '../requests.ts'
import { addVary } from '../vary.ts'
import { type Encoding, negotiateEncoding } from './accept-encoding.ts'
import { type CompressedFile, CompressedFiles } from './compressed-files.ts'
import { cacheControlOf, compressibleType } from './static-types.ts'

/**
 * The default content security policy of served files: same origin only, plus images from anywhere.
 * Plain http images are allowed: on an https page a browser upgrades or blocks them.
 */
export const defaultContentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  // Editors read bold text from style attributes of pasted content. Style elements stay blocked.
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob: https: http:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ')

/** The files of a folder, and their compressed forms. */
export interface StaticFiles {
  readonly answer: PathHandler
  /** Ends the work that was begun ahead. */
  stop(): void
}

/**
 * Serves the files of a folder under a content security policy, compressed where the client accepts
 * it. Import it lazily: its dependency takes megabytes of memory in each process.
 */
export function createStaticFiles(
  root: string,
  faults: FaultContext,
  policy: string | false = defaultContentSecurityPolicy,
): StaticFiles {
  const compressed = new CompressedFiles()
  contain(faults, 'http', compressed.warm(root))
  const files = new Files(root, faults, policy, compressed)
  return {
    answer: (request, response, path) => files.answer(request, response, path),
    stop: () => compressed.stop(),
  }
}

class Files {
  readonly #root: string
  readonly #faults: FaultContext
  readonly #policy: string | false
  readonly #compressed: CompressedFiles

  constructor(
    root: string,
    faults: FaultContext,
    policy: string | false,
    compressed: CompressedFiles,
  ) {
    this.#root = root
    this.#faults = faults
    this.#policy = policy
    this.#compressed = compressed
  }

  /**
   * Sends a file of the folder. A path that names no file and has no extension is a route of the
   * page, so it gets the page.
   */
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> | void {
    secureHeaders(response, this.#policy)
    const file = locate(this.#root, path)
    const type = file === undefined ? undefined : compressibleType(file)
    if (file === undefined || type === undefined) return this.#sendAsIs(request, response, path)
    addVary(response, 'Accept-Encoding')
    const encoding = encodingOf(request)
    if (encoding === undefined) return this.#sendAsIs(request, response, path)
    return this.#compressed.find(file, encoding).then((found) => {
      if (response.destroyed) return
      if (found === undefined) return this.#sendAsIs(request, response, path)
      sendCompressed(request, response, found, {
        'Content-Type': type,
        'Content-Encoding': encoding,
        'Cache-Control': cacheControlOf(file),
      })
    })
  }

  #sendAsIs(request: IncomingMessage, response: ServerResponse, path: string): void {
    const isRoute = !/\.[^/]*$/.test(path)
    const abandon = (): void => void response.destroy()
    const failed = ({ status }: { readonly status?: number }): void => {
      // The file could not be read to its end; aborting tells the client.
      if (response.headersSent) response.destroy()
      else if (status === 416) answer(response, 416, 'text/plain', 'no such range\n')
      else if (status === 412) answer(response, 412, 'text/plain', 'the file has changed\n')
      else if (isRoute && path !== '/') {
        const page = Promise.resolve(this.answer(request, response, '/'))
        contain(this.#faults, 'http', page, abandon)
      } else notFound(response)
    }
    send(request, path, {
      root: this.#root,
      index: 'index.html',
      dotfiles: 'ignore',
      cacheControl: false,
    })
      .on('headers', (_response: ServerResponse, file: string) => {
        const type = compressibleType(file)
        // The same type as the compressed form has.
        if (type !== undefined) response.setHeader('Content-Type', type)
        response.setHeader('Cache-Control', cacheControlOf(file))
      })
      .on('error', contained(this.#faults, 'http', failed, abandon))
      .on(
        'directory',
        contained(this.#faults, 'http', () => notFound(response)),
      )
      .pipe(response)
  }
}

/**
 * The file that a request path names below a folder; undefined for a path that is malformed, hidden
 * or leads out of the folder. `send` refuses the same paths.
 */
function locate(root: string, path: string): string | undefined {
  const decoded = decode(path.endsWith('/') ? `${path}index.html` : path)
  if (decoded === undefined || decoded.includes('\0')) return undefined
  const relative = normalize(`.${sep}${decoded}`)
  const isOutside = relative.split(sep).some((part) => part.startsWith('.'))
  return isOutside ? undefined : join(root, relative)
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** Ranges and the rarer preconditions apply to the file as it is. */
function encodingOf({ headers }: IncomingMessage): Encoding | undefined {
  if (headers.range !== undefined) return undefined
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) {
    return undefined
  }
  return negotiateEncoding(header(headers['accept-encoding']))
}

function header(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value
}

function sendCompressed(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, etag, modified }: CompressedFile,
  headers: Readonly<Record<string, string>>,
): void {
  response.setHeader('Cache-Control', headers['Cache-Control'] ?? 'no-cache')
  response.setHeader('ETag', etag)
  response.setHeader('Last-Modified', modified.toUTCString())
  if (isFresh(request, etag, modified)) {
    response.writeHead(304)
    response.end()
    return
  }
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Whether the client has this form of the file (RFC 9110, 13.2.2). */
function isFresh({ headers }: IncomingMessage, etag: string, modified: Date): boolean {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    const opaque = etag.slice('W/'.length)
    const tags = noneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return tags.includes('*') || tags.includes(opaque)
  }
  const sinceMs = Date.parse(headers['if-modified-since'] ?? '')
  // The header has whole seconds. Without a valid date the comparison is false.
  return Math.floor(modified.getTime() / 1_000) * 1_000 <= sinceMs
}

function secureHeaders(response: ServerResponse, policy: string | false): void {
  if (policy !== false) response.setHeader('Content-Security-Policy', policy)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Frame-Options', 'SAMEORIGIN')
}

function notFound(response: ServerResponse): void {
  answer(response, 404, 'text/plain', 'not found\n')
}
