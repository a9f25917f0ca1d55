import type { IncomingMessage, ServerResponse } from 'node:http'
import send from 'send'
import { contained, type FaultParts } from '../containment.ts'
import { type AnswerFile, answer } from './requests.ts'

/** Serves the files of a folder. Loaded where there is one: what it stands on takes megabytes of each process. */
export function createStaticFiles(root: string, parts: FaultParts): AnswerFile {
  return (request, response, path) => sendFile(request, response, path, { ...parts, root })
}

/**
 * Sends a file of the folder. A path that is no file and looks like none is a page's own route, so it gets the page.
 */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  parts: FaultParts & { readonly root: string },
): void {
  const { root } = parts
  const failed = ({ status }: { readonly status?: number }): void => {
    // A file that cannot be read to its end: its reader learns it by the connection.
    if (response.headersSent) response.destroy()
    else if (status === 416) answer(response, 416, 'text/plain', 'no such range\n')
    else if (isRoute && path !== '/') sendFile(request, response, '/', parts)
    else notFound(response)
  }
  secureHeaders(response)
  const isRoute = !/\.[^/]*$/.test(path)
  send(request, path, { root, index: 'index.html', dotfiles: 'ignore' })
    .on('error', contained(parts, 'http', failed))
    .on(
      'directory',
      contained(parts, 'http', () => notFound(response)),
    )
    .pipe(response)
}

function secureHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Frame-Options', 'SAMEORIGIN')
}

function notFound(response: ServerResponse): void {
  answer(response, 404, 'text/plain', 'not found\n')
}
