import { openSync, readSync } from 'node:fs'
import { readPageBytes } from '../server-side/read-proc.ts'

/**
 * Opens a look at the resident memory of this process, in bytes, that goes on working when no descriptor is left:
 * `process.memoryUsage()` opens a file each time, and throws then. Where there is no /proc it gives the last that could be had.
 */
export function openOwnMemory(): () => number {
  const descriptor = openStatm()
  const pageBytes = readPageBytes()
  const buffer = Buffer.alloc(128)
  let last = 0
  return () => {
    if (descriptor === undefined) {
      last = askNode() ?? last
    } else {
      const text = buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0))
      last = Number(text.split(' ')[1]) * pageBytes
    }
    return last
  }
}

function openStatm(): number | undefined {
  try {
    return openSync('/proc/self/statm', 'r')
  } catch (error) {
    // No Linux, or no descriptor left already: then Node is asked each time.
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}

function askNode(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
