import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Server } from 'node:net'
import { type AcceptQueueRow, parseAcceptQueueRows } from './listen-rows.ts'

/** What the kernel says of a listening socket, and of others at its port. */
export interface AcceptQueue {
  /** Connections that wait for this server to accept them; 0 where it does not listen, or the system does not say. */
  waiting(): number
  /**
   * Sockets that listen at the port; undefined where the system does not say. One of another server, at another address, is counted
   * too.
   */
  listeners(): number | undefined
  close(): void
}

/** Few rows at a time: the kernel writes as many as fit, and after the listening sockets come all connections. */
const pieceBytes = 1_024
/** A machine with more listening sockets than fit so many pieces does not say. */
const piecesMax = 64

/**
 * Opens the kernel's list of TCP sockets for a server that listens. It stays open, so that it can be read when no descriptor is left. A look
 * costs 20 to 40 microseconds: listening sockets come first.
 */
export function openAcceptQueue(server: Server): AcceptQueue {
  const address = server.address()
  if (address === null || typeof address === 'string') return nothing
  const family = address.family === 'IPv6' ? 'tcp6' : 'tcp'
  const descriptor = openList(`/proc/self/net/${family}`)
  if (descriptor === undefined) return nothing
  const { port } = address
  const piece = Buffer.alloc(pieceBytes)

  /** Shows the rows of the port until `isEnough` says so. Gives whether it has seen what it had to. */
  const search = (isEnough: (row: AcceptQueueRow) => boolean): boolean => {
    let position = 0
    for (let pieces = 0; pieces < piecesMax; pieces += 1) {
      const bytes = readSync(descriptor, piece, 0, pieceBytes, position)
      position += bytes
      // The kernel cuts between lines, never inside one.
      const { rows, ended } = parseAcceptQueueRows(piece.toString('latin1', 0, bytes))
      if (rows.some((row) => row.port === port && isEnough(row))) return true
      if (ended || bytes === 0) return true
    }
    return false
  }

  return {
    waiting() {
      const own = inodeOf(server)
      let waiting = 0
      if (own === undefined) return waiting
      search((row) => {
        if (row.inode === own) waiting = row.waiting
        return row.inode === own
      })
      return waiting
    },
    listeners() {
      let listeners = 0
      const isWhole = search(() => {
        listeners += 1
        return false
      })
      return isWhole ? listeners : undefined
    },
    close: () => closeSync(descriptor),
  }
}

const nothing: AcceptQueue = {
  waiting: () => 0,
  listeners: () => undefined,
  close: () => undefined,
}

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
