import { lstat, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { RusherError } from '../../protocol/index.ts'

/**
 * Listens on a Unix socket. A socket file that a crashed server left behind is replaced; one on
 * which a server still listens, and any other file, is not. Resolves to 0, as there is no port.
 * Rejects with a RusherError: SOCKET_IN_USE, SOCKET_PATH.
 */
export async function listenOnUnixSocket(
  server: Server,
  path: string,
  backlog: number,
): Promise<number> {
  try {
    await listenAt(server, path, backlog)
  } catch (error) {
    const cause = error as NodeJS.ErrnoException
    if (cause.code !== 'EADDRINUSE') throw listenError(cause, path)
    await checkStale(path, cause)
    await unlink(path).catch((fault: unknown) => {
      throw listenError(fault as NodeJS.ErrnoException, path)
    })
    await listenAt(server, path, backlog).catch((fault: unknown) => {
      throw listenError(fault as NodeJS.ErrnoException, path)
    })
  }
  return 0
}

function listenAt(server: Server, path: string, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Rejects unless a path is a socket without a listener. */
async function checkStale(path: string, cause: NodeJS.ErrnoException): Promise<void> {
  const file = await lstat(path).catch(() => undefined)
  // A connection to any other file is refused, too.
  if (file?.isSocket() === false) {
    throw new RusherError('SOCKET_PATH', `${path} is a file, and no socket: choose another path`, {
      cause,
    })
  }
  if (!(await isRefused(path))) throw listenError(cause, path)
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
}

function listenError(cause: NodeJS.ErrnoException, path: string): RusherError {
  if (cause.code === 'EADDRINUSE') {
    return new RusherError(
      'SOCKET_IN_USE',
      `${path} is in use: stop the server that listens there, or choose another unixSocket`,
      { cause },
    )
  }
  const what =
    cause.code === 'ENOENT'
      ? 'its folder does not exist'
      : cause.code === 'EACCES'
        ? 'this user may not create it'
        : `${cause.message}; a path has at most 107 bytes`
  return new RusherError('SOCKET_PATH', `cannot listen on the Unix socket ${path}: ${what}`, {
    cause,
  })
}
