import { readdirSync, readFileSync } from 'node:fs'
import { until } from './until.ts'

/** Processes that a process started, found through /proc. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  const fields = fieldsOf(pid)
  return fields !== undefined && fields[0] !== 'Z'
}

/** Ends a process by `kill` and waits until it and its children are gone: a port they hold is free then. */
export async function waitUntilGone(pid: number, kill: () => void): Promise<void> {
  const family = [pid, ...childrenOf(pid)]
  kill()
  await until('the processes of the server are gone', () => !family.some(isAlive))
}

function parentOf(pid: number): number | undefined {
  const parent = fieldsOf(pid)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/** The fields of /proc/<pid>/stat after the name: state, parent, ... */
function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
