import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'

/*
 * A runner has a file that says which processes are its own, for `rusher bench clean`. A process id alone says nothing, since it is given again to
 * others; together with the moment its process started, and the boot of the machine in which that is counted, it is one process. As long as
 * the runner hears from its controller, the file is touched every few seconds.
 *
 * It is lines of words, for a shell to read: `run <id>`, `host <name>`, `boot <id>`, and `process <pid> <started>` for each.
 */

export interface ProcessMark {
  readonly pid: number
  /** Clock ticks from boot to its start: field 22 of /proc/<pid>/stat (man 5 proc). */
  readonly started: number
}

/** The text of a file of /proc; undefined where it is not there. */
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

export interface LockFile {
  /** The processes beside the runner. */
  write(pids: readonly number[]): void
  /** The controller is there. */
  touch(): void
  remove(): void
}

/**
 * The lock of a process; undefined where there is no /proc, so that nothing could be told by it. Throws when the folder cannot be written.
 */
export function createLockFile(
  folder: string,
  run: string,
  pid: number,
  read: ReadProc,
): LockFile | undefined {
  const runner = markOf(pid, read)
  if (runner === undefined) return undefined
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `bench-${run}-${pid}.lock`)
  const boot = read('/proc/sys/kernel/random/boot_id') ?? ''
  const head = `run ${run}\nhost ${hostname()}\nboot ${boot.trim()}\n`
  return {
    write(pids) {
      const marks = [runner, ...pids.flatMap((other) => markOf(other, read) ?? [])]
      const lines = marks.map((mark) => `process ${mark.pid} ${mark.started}\n`)
      writeFileSync(`${path}.new`, head + lines.join(''), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    touch() {
      const now = new Date()
      utimesSync(path, now, now)
    },
    remove() {
      rmSync(path, { force: true })
    },
  }
}
