import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Clock ticks a second in /proc; fixed on every Linux that Node runs on. */
const ticksPerSecond = 100
const stableMs = 3_000
const stableTimeoutMs = 40_000
/** Change that counts as none, in KB. */
const stableKb = 256

/** Time on a processor that a process has had since its start, in seconds; all its threads together. */
export function cpuSecondsOf(pid: number): number {
  return ticksOf(`/proc/${pid}/stat`) / ticksPerSecond
}

/** The same for its busiest thread, which is the limit of a process whose work is in one. */
export function busiestThreadSecondsOf(pid: number): ReadonlyMap<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`)
  return new Map(
    threads.map((thread) => [thread, ticksOf(`/proc/${pid}/task/${thread}/stat`) / ticksPerSecond]),
  )
}

function ticksOf(path: string): number {
  const text = readFileSync(path, 'utf8')
  // The second field is a name that may hold spaces; what follows its bracket is fields 3 and on.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Memory that a process has resident, in KB. */
export function rssKbOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1])
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  )
}

/** Waits until memory has not changed for a while, or for as long as there is patience. */
export async function settled(pids: readonly number[]): Promise<void> {
  const endMs = performance.now() + stableTimeoutMs
  let last = totalKb(pids)
  let sinceMs = performance.now()
  while (performance.now() < endMs) {
    await pause(250)
    const now = totalKb(pids)
    if (Math.abs(now - last) > stableKb) {
      last = now
      sinceMs = performance.now()
    } else if (performance.now() - sinceMs >= stableMs) return
  }
}

function totalKb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + rssKbOf(pid), 0)
}
