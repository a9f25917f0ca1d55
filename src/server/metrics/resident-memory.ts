import { closeSync, openSync, readSync } from 'node:fs'

export interface ResidentMemory {
  /** Resident memory of this process, in bytes; 0 where it cannot be told now. */
  bytes(): number
  close(): void
}

/**
 * Opens a look at this process's memory that works when no descriptor is left: Node's own opens a file each time. The file is /proc/self/status,
 * whose figure is in kB, since Node does not tell the size of the pages in which other files count (proc_pid_status(5)).
 */
export function openResidentMemory(): ResidentMemory {
  let descriptor = openStatus()
  if (descriptor === undefined) {
    return { bytes: () => process.memoryUsage.rss(), close: () => undefined }
  }
  const buffer = Buffer.alloc(4_096)
  return {
    bytes() {
      if (descriptor === undefined) return 0
      const text = buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0))
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}

function openStatus(): number | undefined {
  try {
    return openSync('/proc/self/status', 'r')
  } catch (error) {
    // Not Linux: there Node asks the system without opening anything.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
