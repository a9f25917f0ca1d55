import type { IncomingMessage, ServerResponse } from 'node:http'
import send from 'send'
import { contained, type FaultParts } from '../containment.ts'
import { type AnswerFile, answer } from './requests.ts'

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

interface Files extends FaultParts {
  readonly root: string
  /** Value of the Content-Security-Policy header; false sends none. */
  readonly policy: string | false
}

/**
 * Serves the files of a folder under a content security policy. Import it lazily: its dependency
 * takes megabytes of memory in each process.
 */
export function createStaticFiles(
  root: string,
  faults: FaultParts,
  policy: string | false = defaultContentSecurityPolicy,
): AnswerFile {
  return (request, response, path) => sendFile(request, response, path, { ...faults, root, policy })
}

/**
 * Sends a file of the folder. A path that is no file and looks like none is a page's own route, so it gets the page.
 */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  files: Files,
): void {
  const { root, policy } = files
  const failed = ({ status }: { readonly status?: number }): void => {
    // The file could not be read to its end; aborting tells the client.
    if (response.headersSent) response.destroy()
    else if (status === 416) answer(response, 416, 'text/plain', 'no such range\n')
    else if (isRoute && path !== '/') sendFile(request, response, '/', files)
    else notFound(response)
  }
  secureHeaders(response, policy)
  const isRoute = !/\.[^/]*$/.test(path)
  send(request, path, { root, index: 'index.html', dotfiles: 'ignore' })
    .on('error', contained(files, 'http', failed))
    .on(
      'directory',
      contained(files, 'http', () => notFound(response)),
    )
    .pipe(response)
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
