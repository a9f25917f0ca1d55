import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'
import type { Answer } from '../link/link.ts'

export interface RequestOptions {
  readonly ask: (question: 'ready' | 'metrics') => Promise<Answer>
  /** A folder to serve; absent: none. */
  readonly staticDir: string | undefined
}

/** Answers what is no upgrade: health, readiness, metrics, and the files of a folder. */
export function createRequests(
  options: RequestOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const files =
    options.staticDir === undefined
      ? undefined
      : sirv(options.staticDir, { single: true, etag: true, setHeaders: secureHeaders })

  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
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
        if (files === undefined) return notFound(response)
        return files(request, response, () => notFound(response))
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

function secureHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Frame-Options', 'SAMEORIGIN')
}
