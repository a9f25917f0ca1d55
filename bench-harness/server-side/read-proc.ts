import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { ProcessReading } from './proc-reading.ts'
import {
  listenersIn,
  parseChildren,
  parseDescriptorsMax,
  parseStat,
  parseStatm,
} from './proc-texts.ts'

/** Kept of a process between looks, since it does not change. */
export type DescriptorLimits = Map<number, number | undefined>

/** Listing them costs time in proportion; more than this many are not listed each second on an old kernel. */
const listedDescriptorsMax = 20_000

/** A text of /proc, or nothing when it is not there or not ours to see: a process may end between two looks. */
export function readText(path: string): string | undefined {
  return attempt(() => readFileSync(path, 'utf8'))
}

/** A process and all that it started, and they started; those that are gone are left out. */
export function descendantsOf(root: number): number[] {
  const found = [root]
  for (const pid of found) {
    for (const thread of entriesOf(`/proc/${pid}/task`)) {
      const children = readText(`/proc/${pid}/task/${thread}/children`) ?? ''
      found.push(...parseChildren(children).filter((child) => !found.includes(child)))
    }
  }
  return found
}

/** Of a process whose threads are not read one by one, all that it had counts as one thread's. */
export function readProcess(
  pid: number,
  limits: DescriptorLimits,
  { threads }: { readonly threads: boolean },
): ProcessReading | undefined {
  const stat = parseStat(readText(`/proc/${pid}/stat`) ?? '')
  const rssPages = parseStatm(readText(`/proc/${pid}/statm`) ?? '')
  if (stat === undefined || rssPages === undefined) return undefined
  if (!limits.has(pid)) limits.set(pid, parseDescriptorsMax(readText(`/proc/${pid}/limits`) ?? ''))
  const descriptorsMax = limits.get(pid)
  const descriptors = countDescriptors(pid, descriptorsMax)
  return {
    pid,
    ticks: stat.ticks,
    threadTicks: threads ? readThreads(pid) : new Map([[pid, stat.ticks]]),
    rssPages,
    ...(descriptors === undefined ? {} : { descriptors }),
    ...(descriptorsMax === undefined ? {} : { descriptorsMax }),
  }
}

/** The processes that listen on a port, as far as the kernel lets us see whose sockets are whose. */
export function findListeners(port: number): number[] {
  const texts = ['tcp', 'tcp6'].map((name) => readText(`/proc/net/${name}`) ?? '')
  const wanted = new Set(
    texts.flatMap((text) => listenersIn(text, port)).map((inode) => `socket:[${inode}]`),
  )
  if (wanted.size === 0) return []
  const pids = entriesOf('/proc').filter((name) => /^\d+$/.test(name))
  return pids
    .filter((pid) =>
      entriesOf(`/proc/${pid}/fd`).some((descriptor) => {
        const link = attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`))
        return link !== undefined && wanted.has(link)
      }),
    )
    .map(Number)
}

/**
 * The processes that together are a server, by those that listen: where several of one parent listen, and the parent runs the same program,
 * it is the parent with all its children; otherwise each with its own.
 */
export function rootsOf(listeners: readonly number[]): number[] {
  const parents = new Set(listeners.map(parentOf))
  const [parent] = parents
  const program = (pid: number): string | undefined =>
    attempt(() => readlinkSync(`/proc/${pid}/exe`))
  if (listeners.length > 1 && parents.size === 1 && parent !== undefined && parent > 1) {
    const same = program(parent)
    if (same !== undefined && listeners.every((pid) => program(pid) === same)) return [parent]
  }
  return listeners.filter((pid) => !listeners.includes(parentOf(pid) ?? 0))
}

/** Bytes of a memory page; AT_PAGESZ in the auxiliary vector (man 3 getauxval). */
export function readPageBytes(): number {
  const pageSizeKey = 6n
  const vector = attempt(() => readFileSync('/proc/self/auxv'))
  for (let at = 0; vector !== undefined && at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === pageSizeKey) return Number(vector.readBigUInt64LE(at + 8))
  }
  return 4_096
}

function parentOf(pid: number): number | undefined {
  return parseStat(readText(`/proc/${pid}/stat`) ?? '')?.parent
}

function readThreads(pid: number): ReadonlyMap<number, number> {
  return new Map(
    entriesOf(`/proc/${pid}/task`).flatMap((thread) => {
      const stat = parseStat(readText(`/proc/${pid}/task/${thread}/stat`) ?? '')
      return stat === undefined ? [] : [[Number(thread), stat.ticks] as const]
    }),
  )
}

/** Linux 6.2 and later tell the number as the size of the folder, at no cost. */
function countDescriptors(pid: number, descriptorsMax: number | undefined): number | undefined {
  const size = attempt(() => statSync(`/proc/${pid}/fd`).size)
  if (size === undefined || size > 0) return size
  if ((descriptorsMax ?? Number.POSITIVE_INFINITY) > listedDescriptorsMax) return undefined
  return attempt(() => readdirSync(`/proc/${pid}/fd`).length)
}

function entriesOf(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? []
}

/** Not there, not allowed, or no descriptor left: for somebody who looks on, each means that it cannot be seen now. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}
