import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { RusherError } from '../protocol/index.ts'
import type { ServerOptions } from './server-options.ts'

/**
 * Checks the options that would otherwise fail only once the server listens or is asked for a file.
 * @throws {RusherError} CONFIG, and the message names the option.
 */
export function checkOptions(options: ServerOptions): void {
  const { port, static: folder, httpServer, listen, onRequest } = options
  if (onRequest !== undefined && (httpServer !== undefined || listen === false)) {
    throw new RusherError(
      'CONFIG',
      'onRequest is for a server that listens itself: here your program answers requests',
    )
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RusherError(
      'CONFIG',
      `port must be a whole number from 0 to 65535, and is ${JSON.stringify(port)}`,
    )
  }
  if (folder !== undefined) checkFolder(folder)
}

/**
 * Checks the folder of static files.
 * @throws {RusherError} CONFIG if it is absent, unreadable or not a folder.
 */
export function checkFolder(folder: string): void {
  const path = resolve(folder)
  try {
    if (statSync(path).isDirectory()) return
  } catch (cause) {
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
        ? `there is no folder ${path}; build the app first, or name another folder`
        : `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new RusherError('CONFIG', `static: ${reason}`, { cause })
  }
  throw new RusherError('CONFIG', `static: ${path} is not a folder`)
}
