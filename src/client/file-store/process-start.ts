import { readFile } from 'node:fs/promises'

/**
 * When a process of this machine started, so that a process ID that is used again is noticed. Only
 * Linux tells (`man 5 proc_pid_stat`, field 22); elsewhere undefined.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The second field is the program's name in parentheses, and can hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

/** Whether a process still runs. `unknown`: one with its ID does, which may be another. */
export async function isSameProcess(
  pid: number,
  start: string | undefined,
): Promise<boolean | 'unknown'> {
  try {
    // Signal 0 only asks.
    process.kill(pid, 0)
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (isGone) return false
  }
  const running = await startOf(pid)
  if (start === undefined || running === undefined) return 'unknown'
  return running === start
}
