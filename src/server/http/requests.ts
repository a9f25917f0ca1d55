import type { IncomingMessage, ServerResponse } from 'node:http'
import send from 'send'
import type { Answer } from '../link/link.ts'
import type { DocumentRequests } from './document-requests.ts'

export interface RequestOptions {
  readonly ask: (question: 'ready' | 'metrics') => Promise<Answer>
  /** A folder to serve; absent: none. */
  readonly staticDir: string | undefined
  /** What answers below the path of documents. */
  readonly documents: { readonly base: string; readonly answer: DocumentRequests }
}

/** Answers what is no upgrade: documents, health, readiness, metrics, and the files of a folder. */
export function createRequests(
  options: RequestOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { staticDir, documents } = options

  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path.startsWith(`${documents.base}/`)) return documents.answer(request, response, path)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return answer(response, 405, 'text/plain', 'only GET and HEAD are answered here\n')
    }
    switch (path) {
      case '/healthz':
        return answer(response, 200, 'text/plain', 'ok\n')
      case '/readyz':
        return void ready(options, response)
      case '/metrics':
        return void metrics(options, response)
      default:
        if (staticDir === undefined) return notFound(response)
        return sendFile(request, response, path, staticDir)
    }
  }
}

async function ready({ ask }: RequestOptions, response: ServerResponse): Promise<void> {
  const readiness = await ask('ready')
  if (readiness.kind !== 'readiness') throw new Error(`readiness was answered by ${readiness.kind}`)
  const { ready, checks } = readiness
  answer(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, checks })}\n`)
}

async function metrics({ ask }: RequestOptions, response: ServerResponse): Promise<void> {
  const measured = await ask('metrics')
  if (measured.kind !== 'metrics') throw new Error(`metrics were answered by ${measured.kind}`)
  answer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', measured.text)
}

function notFound(response: ServerResponse): void {
  answer(response, 404, 'text/plain', 'not found\n')
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  response.end(body)
}

/**
 * Sends a file of the folder. A path that is no file and looks like none is a page's own route, so it gets the page.
 */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  root: string,
): void {
  secureHeaders(response)
  const isRoute = !/\.[^/]*$/.test(path)
  send(request, path, { root, index: 'index.html', dotfiles: 'ignore' })
    .on('error', (error: { readonly status?: number }) => {
      if (error.status === 416) answer(response, 416, 'text/plain', 'no such range\n')
      else if (isRoute && path !== '/') sendFile(request, response, '/', root)
      else notFound(response)
    })
    .on('directory', () => notFound(response))
    .pipe(response)
}

function secureHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Frame-Options', 'SAMEORIGIN')
}
