import { statSync } from 'node:fs'
import { createEstablishedCounter } from './count-established.ts'
import { type ProcessReading, type ProcReading, secondOf } from './proc-reading.ts'
import { parseCounters, parseKernelMemory, parseMeminfo, parseSockstat } from './proc-texts.ts'
import {
  type DescriptorLimits,
  descendantsOf,
  findListeners,
  readPageBytes,
  readProcess,
  readText,
  rootsOf,
} from './read-proc.ts'
import type { Note, ServerSide } from './server-side.ts'
import { createScales, type Scales } from './weigh.ts'

export interface LocalServer {
  /** The process that was started; absent: whoever listens on the first port. */
  readonly pid?: number
  readonly ports: readonly number[]
  /** The file of an SQLite database; its log counts too. */
  readonly databaseFile?: string
}

const searchEveryMs = 5_000
/** Of more processes than these only the first ones' threads are read one by one, and the others are looked for only now and then. */
const closelyMax = 8
/** With more sockets than this, having the kernel go through all of them takes seconds of a processor. */
const countedSocketsMax = 100_000

/** A server on this machine, seen in /proc. On a system without one it sees nothing. */
export function createLocalServerSide(
  server: LocalServer,
  note: Note,
  nowMs: () => number = () => performance.now(),
): ServerSide {
  const limits: DescriptorLimits = new Map()
  const pageBytes = readPageBytes()
  const roots = createRoots(server, note, nowMs)
  const family = createFamily(roots.look, limits, nowMs)
  const counter = createEstablishedCounter({
    ports: server.ports,
    pid: () => roots.known()[0],
    nowMs,
  })
  const scales = createScales(nowMs)
  const halves = createHalves()
  const count = async (inUse: number | undefined): Promise<number | undefined> =>
    halves.count(inUse) ?? counter.count(inUse)
  let first: ProcReading | undefined
  let last: ProcReading | undefined

  return {
    async sample() {
      const now = await read(server, family.look(), { count, scales, nowMs })
      first ??= now
      const second = secondOf(first, last, now, pageBytes)
      last = now
      return second
    },
    facts: () => Promise.resolve(factsOf(family.look())),
    close: () => Promise.resolve(),
  }
}

/**
 * Of very many sockets, the growth of those in use (/proc/net/sockstat), which the kernel has at hand. It holds both ends of every connection,
 * since a server on this machine is reached from this machine; half of it is the server's.
 */
function createHalves() {
  let before: number | undefined
  return {
    count(inUse: number | undefined): number | undefined {
      if (inUse === undefined) return undefined
      before ??= inUse
      return inUse > countedSocketsMax ? Math.round((inUse - before) / 2) : undefined
    },
  }
}

function createRoots(server: LocalServer, note: Note, nowMs: () => number) {
  let roots: readonly number[] = server.pid === undefined ? [] : [server.pid]
  let searchAtMs = Number.NEGATIVE_INFINITY
  let told = false
  return {
    known: () => roots,
    look(): readonly number[] {
      const isGone = !roots.some((pid) => readText(`/proc/${pid}/stat`) !== undefined)
      const [port] = server.ports
      if (server.pid !== undefined || !isGone || port === undefined || nowMs() < searchAtMs)
        return roots
      searchAtMs = nowMs() + searchEveryMs
      roots = rootsOf(findListeners(port))
      if (roots.length === 0 && !told) {
        told = true
        note(
          `no process of this machine that we may look at listens on port ${port}; its processor time and memory are not measured`,
        )
      }
      return roots
    },
  }
}

async function read(
  server: LocalServer,
  processes: readonly ProcessReading[],
  {
    count,
    scales,
    nowMs,
  }: {
    readonly count: (inUse: number | undefined) => Promise<number | undefined>
    readonly scales: Scales
    readonly nowMs: () => number
  },
): Promise<ProcReading> {
  const atMs = nowMs()
  const who = processes[0]?.pid ?? 'self'
  const sockets = parseSockstat(readText(`/proc/${who}/net/sockstat`) ?? '')
  const meminfo = readText('/proc/meminfo') ?? ''
  const slabBytes = parseMeminfo(meminfo, 'Slab')
  const kernelBytes = parseKernelMemory(meminfo)
  const tcpExt = parseCounters(readText(`/proc/${who}/net/netstat`) ?? '', 'TcpExt')
  const [established, pssBytes] = await Promise.all([
    count(sockets?.inUse),
    scales.weigh(processes.map(({ pid }) => pid)),
  ])
  const databaseBytes = server.databaseFile === undefined ? undefined : sizeOf(server.databaseFile)
  return {
    atMs,
    processes,
    tcpExt,
    ...(sockets === undefined ? {} : { sockets }),
    ...(slabBytes === undefined ? {} : { slabBytes }),
    ...(kernelBytes === undefined ? {} : { kernelBytes }),
    ...(pssBytes === undefined ? {} : { pssBytes }),
    ...(established === undefined ? {} : { established }),
    ...(databaseBytes === undefined ? {} : { databaseBytes }),
  }
}

/** The server's processes, those that were named first. */
function createFamily(
  roots: () => readonly number[],
  limits: DescriptorLimits,
  nowMs: () => number,
): { look(): readonly ProcessReading[] } {
  let pids: readonly number[] = []
  let searchAtMs = Number.NEGATIVE_INFINITY
  return {
    look() {
      const first = roots()
      if (pids.length <= closelyMax || nowMs() >= searchAtMs) {
        pids = [...new Set(first.flatMap(descendantsOf))]
        searchAtMs = nowMs() + searchEveryMs
      }
      const isFew = pids.length <= closelyMax
      return pids.flatMap(
        (pid) => readProcess(pid, limits, { threads: isFew || first.includes(pid) }) ?? [],
      )
    },
  }
}

function factsOf(processes: readonly ProcessReading[]): Readonly<Record<string, string | number>> {
  const smallest = Math.min(...processes.flatMap(({ descriptorsMax }) => descriptorsMax ?? []))
  const command = readText(`/proc/${processes[0]?.pid ?? 'none'}/cmdline`)
  return {
    processes: processes.length,
    ...(Number.isFinite(smallest) ? { descriptorsMax: smallest } : {}),
    ...(command === undefined ? {} : { command: command.split('\0').join(' ').trim() }),
  }
}

function sizeOf(file: string): number | undefined {
  const sizes = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size)
  return sizes[0] === undefined ? undefined : sizes[0] + (sizes[1] ?? 0)
}
