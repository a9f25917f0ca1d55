import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Server } from 'node:net'
import { parseListenRows } from './listen-rows.ts'

/** What the kernel says of a listening socket and of others at its port. */
export interface PortListeners {
  /** Sockets that listen at the port. One of another server, at another address, is counted too. */
  readonly listeners: number
  /** Connections that wait for this server to accept them; 0 where it does not listen. */
  readonly waiting: number
}

export interface ListenQueue {
  /** Undefined where the system does not say. */
  look(): PortListeners | undefined
  close(): void
}

/** The kernel gives a page at a time. */
const pageBytes = 4_096
/** A machine with more listening sockets than fit so many pages does not say. */
const pagesMax = 16

/**
 * Opens the kernel's list of TCP sockets for a server that listens. It stays open, so that it can be read when no descriptor is left. A look
 * costs about a tenth of a millisecond, however many connections there are: listening sockets come first.
 */
export function openListenQueue(server: Server): ListenQueue {
  const address = server.address()
  if (address === null || typeof address === 'string') return nothing
  const descriptor = openList(
    address.family === 'IPv6' ? '/proc/self/net/tcp6' : '/proc/self/net/tcp',
  )
  if (descriptor === undefined) return nothing
  const { port } = address
  const page = Buffer.alloc(pageBytes)

  return {
    look() {
      const own = inodeOf(server)
      let listeners = 0
      let waiting = 0
      let position = 0
      for (let pages = 0; pages < pagesMax; pages += 1) {
        const bytes = readSync(descriptor, page, 0, pageBytes, position)
        position += bytes
        // The kernel cuts between lines, never inside one.
        const { rows, ended } = parseListenRows(page.toString('latin1', 0, bytes))
        for (const row of rows) {
          if (row.port !== port) continue
          listeners += 1
          if (row.inode === own) waiting = row.waiting
        }
        if (ended || bytes === 0) return { listeners, waiting }
      }
      return undefined
    },
    close: () => closeSync(descriptor),
  }
}

const nothing: ListenQueue = { look: () => undefined, close: () => undefined }

/** By its inode a socket is known in the list. Node has no other way to the descriptor of a server. */
function inodeOf(server: Server): number | undefined {
  const { _handle: handle } = server as unknown as {
    readonly _handle: { readonly fd?: number } | null
  }
  return handle?.fd === undefined || handle.fd < 0 ? undefined : fstatSync(handle.fd).ino
}

function openList(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    // Not Linux.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
