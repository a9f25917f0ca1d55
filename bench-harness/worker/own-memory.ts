import { openSync, readFileSync, readSync } from 'node:fs'

/**
 * Opens a look at the resident memory of this process, in bytes, that goes on working when no descriptor is left:
 * `process.memoryUsage()` opens a file each time, and throws then. Where there is no /proc it gives the last that could be had.
 */
export function openOwnMemory(): () => number {
  const descriptor = openStatm()
  const pageBytes = descriptor === undefined ? 0 : pageBytesOf(readFileSync('/proc/self/auxv'))
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

/** AT_PAGESZ of the auxiliary vector, pairs of 64-bit numbers (man 3 getauxval). */
function pageBytesOf(vector: Buffer): number {
  const pageSizeKey = 6n
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === pageSizeKey) return Number(vector.readBigUInt64LE(at + 8))
  return 4_096
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
