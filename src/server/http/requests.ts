import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../link/link.ts'
import { RequestRefused } from './refusal.ts'
import { type ResponseContext, respond } from './respond.ts'

/** Answers a request for a path. */
export type PathHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<void> | void

/**
 * Answers requests of the program's own paths. Returns false, or a promise of it, for a request
 * that it does not answer.
 */
export type RequestHook = (
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>

/** Paths for operators, which pages of other sites cannot read. */
export const privatePaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

export interface RequestOptions extends ResponseContext {
  readonly ask: (question: 'ready' | 'metrics') => Promise<Answer>
  /** Health of this process's event loop: `ok`, or what is wrong. */
  readonly ownLoop: () => string
  /** Answers the program's own paths; absent: there are none. */
  readonly hook: RequestHook | undefined
  /** What answers with the files of a folder; absent: there is none. */
  readonly files: PathHandler | undefined
  /** What answers below the path of documents. */
  readonly documents: { readonly base: string; readonly answer: PathHandler }
}

/** What a server answers on HTTP. */
export interface OwnPaths {
  /** Path of channels: WebSocket only; a plain GET gets 426. */
  readonly channels: string
  readonly documentsBase: string
  /** Whether files are served: any GET may be for one. */
  readonly hasFiles: boolean
}

/** Whether a request is for this server, and not for the program that it is embedded in. */
export function isOwnRequest(
  { url = '/', method }: Pick<IncomingMessage, 'url' | 'method'>,
  { channels, documentsBase, hasFiles }: OwnPaths,
): boolean {
  const path = url.split('?', 1)[0] ?? '/'
  if (path === channels || privatePaths.has(path)) return true
  if (path === documentsBase || path.startsWith(`${documentsBase}/`)) return true
  return hasFiles && (method === 'GET' || method === 'HEAD')
}

/** Answers what is no upgrade: documents, health, readiness, metrics, and the files of a folder. */
export function createRequests(
  options: RequestOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { hook, files, documents } = options

  function route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path === documents.base || path.startsWith(`${documents.base}/`)) {
      return documents.answer(request, response, path)
    }
    if (hook === undefined || privatePaths.has(path)) return ownRoute(request, response, path)
    return askHook(hook, request, response, path)
  }

  async function askHook(
    ask: RequestHook,
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    if (!(await ask(request, response))) await ownRoute(request, response, path)
  }

  function ownRoute(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> | void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return answer(response, 405, 'text/plain', 'only GET and HEAD are answered here\n')
    }
    switch (path) {
      case '/healthz':
        return answer(response, 200, 'text/plain', 'ok\n')
      case '/readyz':
        return ready(options, response)
      case '/metrics':
        return metrics(options, response)
      default:
        if (files === undefined) return answer(response, 404, 'text/plain', 'not found\n')
        return files(request, response, path)
    }
  }

  return (request, response) => respond(options, request, response, () => route(request, response))
}

/** Throws a refusal when the core did not answer in time. */
function refuseSilence(answered: Answer): void {
  if (answered.kind !== 'refused') return
  throw new RequestRefused(503, 'UNAVAILABLE', answered.refusal.message, 1)
}

async function ready({ ask, ownLoop }: RequestOptions, response: ServerResponse): Promise<void> {
  const readiness = await ask('ready')
  refuseSilence(readiness)
  if (readiness.kind !== 'readiness') throw new Error(`readiness was answered by ${readiness.kind}`)
  const edgeLoop = ownLoop()
  const ready = readiness.ready && edgeLoop === 'ok'
  const text = JSON.stringify({ ready, checks: { ...readiness.checks, edgeLoop } })
  answer(response, ready ? 200 : 503, 'application/json', `${text}\n`)
}

async function metrics({ ask }: RequestOptions, response: ServerResponse): Promise<void> {
  const measured = await ask('metrics')
  refuseSilence(measured)
  if (measured.kind !== 'metrics') throw new Error(`metrics were answered by ${measured.kind}`)
  answer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', measured.text)
}

/** Answers with a short text of a type. */
export function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  response.end(body)
}
