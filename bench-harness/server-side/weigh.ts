import { readFile } from 'node:fs/promises'
import { patiently } from './patiently.ts'
import { parseRollup } from './proc-texts.ts'

/** The kernel goes through all of a process's pages to tell; looking may take this share of the time, and of the machine. */
const costShareMax = 0.01
/** On a busy machine a look lasts long and costs no more: then it is looked again after this at the latest. */
const everyMsMax = 15_000
/** So long a look waits for the figures. */
const waitMs = 250

/** Tells now and then what some processes have resident together, each shared page divided among all that have it (PSS). */
export interface Scales {
  /**
   * In bytes; `undefined` when it is too early for another look, when one takes long (the next to ask gets it), or when it cannot be seen.
   */
  weigh(pids: readonly number[]): Promise<number | undefined>
}

export function createScales(nowMs: () => number): Scales {
  let nextAtMs = 0
  const ask = patiently(async (pids: readonly number[]) => {
    const startedAtMs = nowMs()
    const sum = await sumOf(pids)
    nextAtMs = startedAtMs + Math.min(everyMsMax, (nowMs() - startedAtMs) / costShareMax)
    return sum
  }, waitMs)
  return {
    weigh: (pids) =>
      pids.length === 0 || (nowMs() < nextAtMs && !ask.isUnderWay())
        ? Promise.resolve(undefined)
        : ask.now(pids),
  }
}

/** One after the other, so that no more than a processor is busy with it. */
async function sumOf(pids: readonly number[]): Promise<number | undefined> {
  let sum = 0
  for (const pid of pids) {
    const bytes = await bytesOf(pid)
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}

async function bytesOf(pid: number): Promise<number | undefined> {
  try {
    return parseRollup(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))
  } catch (error) {
    // It has ended, is somebody else's, or the system has no such file: then the sum would be of something else.
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}
