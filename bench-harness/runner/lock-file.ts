import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'

/*
 * A runner leaves a file behind that says which processes are its own, for `rusher bench clean`. A process id alone says nothing, since it is
 * given again to others; together with the moment its process started, and the boot of the machine in which that is counted, it is one process.
 */

export interface ProcessMark {
  readonly pid: number
  /** Clock ticks from boot to its start: field 22 of /proc/<pid>/stat (man 5 proc). */
  readonly started: number
}

export interface Lock {
  readonly v: 1
  readonly run: string
  readonly hostname: string
  /** /proc/sys/kernel/random/boot_id */
  readonly boot: string
  readonly runner: ProcessMark
  readonly workers: readonly ProcessMark[]
}

/** What a look at a process needs; texts of /proc that are not there are undefined. */
export type ReadProc = (path: string) => string | undefined

/** Where runners keep their bundle and their locks, as the XDG base directory specification has it. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME']
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'rusher')
}

/** A process that is alive; undefined where it is gone, or where the system has no /proc. */
export function markOf(pid: number, read: ReadProc): ProcessMark | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const started = Number(fields[19])
  return fields[0] === 'Z' || !Number.isInteger(started) ? undefined : { pid, started }
}

export function bootOf(read: ReadProc): string {
  return (read('/proc/sys/kernel/random/boot_id') ?? '').trim()
}

export interface LockFile {
  write(pids: readonly number[]): void
  remove(): void
}

/** The lock of this process. Throws when it cannot be written. */
export function createLockFile(
  folder: string,
  run: string,
  pid: number,
  read: ReadProc,
): LockFile | undefined {
  const runner = markOf(pid, read)
  // Without /proc there is no telling one process from a later one with its number, so nothing may be ended by it.
  if (runner === undefined) return undefined
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `bench-${run}-${pid}.lock`)
  return {
    write(pids) {
      const workers = pids.flatMap((worker) => markOf(worker, read) ?? [])
      const boot = bootOf(read)
      const lock: Lock = { v: 1, run, hostname: hostname(), boot, runner, workers }
      writeFileSync(`${path}.new`, JSON.stringify(lock), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    remove() {
      rmSync(path, { force: true })
    },
  }
}

const lockName = /^bench-[\w.-]+-\d+\.lock$/
const bundleName = /^(?:bench-worker-[0-9a-f]{64}\.mjs|node-[0-9a-f]{64})(?:\.\d+)?$/

export interface Cleaned {
  /** Processes that were ended. */
  readonly ended: readonly number[]
  readonly files: readonly string[]
  /** Locks of runners on machines that share this folder. */
  readonly elsewhere: readonly string[]
}

/**
 * Ends the processes that locks in a folder name, as far as they are still the same processes, and removes the locks and the cached bundles.
 * Locks of other machines are left alone, and so are bundles while there are any.
 */
export function cleanFolder(
  folder: string,
  read: ReadProc,
  kill: (pid: number) => void,
  here: string = hostname(),
): Cleaned {
  const ended: number[] = []
  const files: string[] = []
  const elsewhere: string[] = []
  const names = entriesOf(folder)
  const remove = (name: string): void => {
    unlinkSync(join(folder, name))
    files.push(name)
  }
  for (const name of names.filter((one) => lockName.test(one))) {
    const lock = parseLock(readFileSync(join(folder, name), 'utf8'))
    const isOurs = lock !== undefined && lock.boot === bootOf(read)
    if (lock !== undefined && !isOurs && lock.hostname !== here) {
      elsewhere.push(name)
      continue
    }
    for (const mark of isOurs ? [lock.runner, ...lock.workers] : []) {
      if (markOf(mark.pid, read)?.started !== mark.started) continue
      kill(mark.pid)
      ended.push(mark.pid)
    }
    remove(name)
  }
  if (elsewhere.length === 0) names.filter((one) => bundleName.test(one)).forEach(remove)
  return { ended, files, elsewhere }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Undefined for what is no lock: half a file, or somebody else's. */
export function parseLock(text: string): Lock | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { v, run, hostname: host, boot, runner, workers } = value as Record<string, unknown>
  const isWhole =
    v === 1 &&
    [run, host, boot].every((one) => typeof one === 'string') &&
    Array.isArray(workers) &&
    [runner, ...workers].every(isMark)
  return isWhole ? (value as Lock) : undefined
}

function isMark(value: unknown): value is ProcessMark {
  if (typeof value !== 'object' || value === null) return false
  const { pid, started } = value as Record<string, unknown>
  return Number.isInteger(pid) && Number(pid) > 1 && Number.isInteger(started)
}
