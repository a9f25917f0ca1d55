import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Machine } from './capacity-plan.ts'

/** Reads what this machine has. What the system does not say, as on others than Linux, is absent. */
export function readMachine(): Machine {
  const files = descriptorsMax()
  return {
    cores: availableParallelism(),
    memoryBytes: memoryOf(totalmem(), process.constrainedMemory()),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    ...(files === undefined ? {} : { descriptorsMax: files }),
    ...kernelLimits(readIfThere),
  }
}

/**
 * The memory that may be used. `constrainedBytes` is the limit of the process's control group; it is 0 where that is not known,
 * and more than any machine has where there is none.
 */
export function memoryOf(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes
}

/** The kernel's own limits, from what it says under /proc/sys. */
export function kernelLimits(
  read: (path: string) => string | undefined,
): Pick<Machine, 'fileMax' | 'somaxconn' | 'tcpPressurePages'> {
  const fileMax = numberAt(read('/proc/sys/fs/file-max'), 0)
  const somaxconn = numberAt(read('/proc/sys/net/core/somaxconn'), 0)
  // Three numbers: where it saves nothing, where it begins to, and the most.
  const tcpPressurePages = numberAt(read('/proc/sys/net/ipv4/tcp_mem'), 1)
  return {
    ...(fileMax === undefined ? {} : { fileMax }),
    ...(somaxconn === undefined ? {} : { somaxconn }),
    ...(tcpPressurePages === undefined ? {} : { tcpPressurePages }),
  }
}

function numberAt(text: string | undefined, index: number): number | undefined {
  const word = text?.trim().split(/\s+/)[index]
  const number = Number(word)
  return word === undefined || word === '' || !Number.isFinite(number) ? undefined : number
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Not Linux, or a container that hides it.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** How many files this process may open; undefined where the system does not say. */
export function descriptorsMax(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line?.[1] === undefined ? undefined : Number(line[1])
  } catch (error) {
    // Not Linux. Node raises its soft limit by itself, and the default bound is below what others give.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
