import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf } from '../../parts/processes.ts'

/** A process that a run started, itself or through another. */
export interface ProcessOfRun {
  readonly pid: number
  /** `probe`: a worker without load. `server`: the one that the run started itself. */
  readonly kind: 'runner' | 'worker' | 'probe' | 'server' | 'other'
}

/** Everything that lives below a process. */
export function processesBelow(pid: number): readonly ProcessOfRun[] {
  return childrenOf(pid).flatMap((child) => [
    { pid: child, kind: kindOf(wordsOf(String(child))) },
    ...processesBelow(child),
  ])
}

/** Processes that name a run in their arguments, wherever they hang. */
export function processesNaming(run: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && wordsOf(name).includes(run))
    .map(Number)
}

/** The id of the only run that was kept below a folder. */
export function runIn(folder: string): string {
  const [run] = readdirSync(join(folder, 'rusher-runs'))
  if (run === undefined) throw new Error('no run has begun yet')
  return run
}

function kindOf(words: readonly string[]): ProcessOfRun['kind'] {
  if (words.includes('worker')) return words.at(-1) === '0' ? 'worker' : 'probe'
  if (words.includes('runner')) return 'runner'
  // The guard before it has the same words, and its own program before them.
  const isGuard = words.some((word) => word.endsWith('guard.js'))
  return words.includes('serve') && !isGuard ? 'server' : 'other'
}

function wordsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0')
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}
