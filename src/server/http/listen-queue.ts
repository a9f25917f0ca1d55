import { closeSync, openSync, readSync } from 'node:fs'
import { parseListenRows } from './listen-rows.ts'

/** The sockets of this machine that listen at one port. */
export interface PortListeners {
  readonly listeners: number
  /** Connections that wait to be accepted, over all of them. */
  readonly waiting: number
}

export interface ListenQueue {
  /** What listens at a port; undefined where the system does not say. */
  look(port: number): PortListeners | undefined
  close(): void
}

/** The kernel gives a page at a time. */
const pageBytes = 4_096
/** A machine with more listening sockets than fit so many pages does not say. */
const pagesMax = 16

/**
 * Opens the kernel's list of TCP sockets for good, so that it can be read when no descriptor is left. A look costs about a tenth of a
 * millisecond, however many connections there are: listening sockets come first. Another server's socket at the same port, of
 * another address, is counted too.
 */
export function openListenQueue(family: 'IPv4' | 'IPv6'): ListenQueue {
  const descriptor = openList(family === 'IPv4' ? '/proc/self/net/tcp' : '/proc/self/net/tcp6')
  if (descriptor === undefined) return { look: () => undefined, close: () => undefined }
  const page = Buffer.alloc(pageBytes)

  return {
    look(port) {
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
          waiting += row.waiting
        }
        if (ended || bytes === 0) return { listeners, waiting }
      }
      return undefined
    },
    close: () => closeSync(descriptor),
  }
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
