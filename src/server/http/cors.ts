import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OriginPolicy } from './origins.ts'
import { addVary } from './vary.ts'

type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void

export interface CorsOptions {
  readonly origins: Pick<OriginPolicy, 'lists' | 'listsAny'>
  /** Paths whose answers other sites never read: health and metrics. */
  readonly privatePaths: ReadonlySet<string>
}

/** How long a browser may keep a permission, in seconds. Chromium keeps none for longer. */
const maxAgeS = 7_200

const allowed = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match, If-None-Match',
  'Access-Control-Max-Age': String(maxAgeS),
} as const

/**
 * Lets pages of listed origins read files and documents (CORS), and answers their preflight
 * requests. Credentials are never allowed: Rusher uses no cookies, and those that an `auth` of the
 * program uses must not open anything to other origins. Without listed origins `answer` is returned
 * unchanged.
 */
export function createCors(
  { origins, privatePaths }: CorsOptions,
  answer: AnswerRequest,
): AnswerRequest {
  if (!origins.listsAny) return answer
  return (request, response) => {
    const { headers, method, url = '/' } = request
    const [path = ''] = url.split('?', 1)
    if (privatePaths.has(path)) return answer(request, response)
    // A cache must not give the answer for one origin to another.
    addVary(response, 'Origin')
    const { origin } = headers
    if (origin === undefined || !origins.lists(origin)) return answer(request, response)
    response.setHeader('Access-Control-Allow-Origin', origin)
    if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
      response.writeHead(204, allowed)
      response.end()
      return
    }
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Retry-After')
    answer(request, response)
  }
}
