import type { ServerSecond } from '../bundle/bundle.ts'
import type { SocketTotals } from './proc-texts.ts'

/** What /proc told at one moment, before anything is made of it. */
export interface ProcReading {
  /** Milliseconds of a monotonic clock of that machine. */
  readonly atMs: number
  readonly processes: readonly ProcessReading[]
  readonly sockets?: SocketTotals
  readonly slabBytes?: number
  /** Slab, page tables and kernel stacks of the machine. */
  readonly kernelBytes?: number
  /** What the processes have resident, shared pages divided among those that have them; not at every look. */
  readonly pssBytes?: number
  /** Counters of TcpExt since the machine started. */
  readonly tcpExt: Readonly<Record<string, number>>
  /** Established sockets on the server's port; absent when they were not counted this time. */
  readonly established?: number
  readonly databaseBytes?: number
}

export interface ProcessReading {
  readonly pid: number
  readonly ticks: number
  /** By thread id. */
  readonly threadTicks: ReadonlyMap<number, number>
  readonly rssPages: number
  readonly descriptors?: number
  readonly descriptorsMax?: number
}

/** Clock ticks a second in /proc (USER_HZ); 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

/** Counters of TcpExt whose growth tells of trouble. */
export const tellingCounters = [
  'ListenOverflows',
  'ListenDrops',
  'TCPReqQFullDoCookies',
  'TCPSynRetrans',
  'TCPBacklogDrop',
  'TCPAbortOnMemory',
  'TCPMemoryPressures',
  'PruneCalled',
  'TCPTimeWaitOverflow',
] as const

/**
 * A second of the server: rates since the last reading, counters since the first, and the rest as
 * it is now. Without a last reading there are no rates. Sockets of the first reading belong to
 * others and are not counted.
 */
export function secondOf(
  first: ProcReading,
  last: ProcReading | undefined,
  now: ProcReading,
  pageBytes: number,
): ServerSecond {
  const counters = growthOf(first.tcpExt, now.tcpExt)
  return {
    ...(now.processes.length === 0 ? {} : processFigures(last, now, pageBytes)),
    ...(now.established === undefined
      ? {}
      : { kernel: Math.max(0, now.established - (first.established ?? 0)) }),
    ...(now.sockets === undefined ? {} : { tcpMemoryBytes: now.sockets.memoryPages * pageBytes }),
    ...(now.slabBytes === undefined ? {} : { slabBytes: now.slabBytes }),
    ...(now.pssBytes === undefined ? {} : { pssBytes: now.pssBytes }),
    ...(now.kernelBytes === undefined || now.sockets === undefined
      ? {}
      : { kernelBytes: now.kernelBytes + now.sockets.memoryPages * pageBytes }),
    ...(Object.keys(counters).length === 0 ? {} : { counters }),
    ...(now.databaseBytes === undefined ? {} : { databaseBytes: now.databaseBytes }),
  }
}

function processFigures(
  last: ProcReading | undefined,
  now: ProcReading,
  pageBytes: number,
): ServerSecond {
  const pages = now.processes.reduce((sum, { rssPages }) => sum + rssPages, 0)
  const counted = now.processes.flatMap(({ descriptors }) => descriptors ?? [])
  const left = now.processes.flatMap(({ descriptors, descriptorsMax }) =>
    descriptors === undefined || descriptorsMax === undefined ? [] : descriptorsMax - descriptors,
  )
  return {
    ...(last === undefined ? {} : loadOf(last, now)),
    rssBytes: pages * pageBytes,
    ...(counted.length === 0
      ? {}
      : { descriptors: counted.reduce((sum, count) => sum + count, 0) }),
    ...(left.length === 0 ? {} : { descriptorsLeft: Math.min(...left) }),
  }
}

/** Processes and threads that are new count from nothing: they had all their time since the last look. */
function loadOf(last: ProcReading, now: ProcReading): ServerSecond {
  const seconds = (now.atMs - last.atMs) / 1_000
  if (seconds <= 0) return {}
  const before = new Map(last.processes.map((process) => [process.pid, process]))
  const ticks = now.processes.map(
    (process) => process.ticks - (before.get(process.pid)?.ticks ?? 0),
  )
  const ofThreads = now.processes.flatMap((process) => {
    const old = before.get(process.pid)?.threadTicks
    return [...process.threadTicks].map(([thread, count]) => count - (old?.get(thread) ?? 0))
  })
  const share = (count: number): number => Math.max(0, count) / ticksPerSecond / seconds
  return {
    cpu: share(ticks.reduce((sum, count) => sum + count, 0)),
    ...(ofThreads.length === 0 ? {} : { busiestThread: share(Math.max(...ofThreads)) }),
  }
}

function growthOf(
  first: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  const growth: Record<string, number> = {}
  for (const name of tellingCounters) {
    const value = now[name]
    if (value !== undefined) growth[name] = value - (first[name] ?? 0)
  }
  return growth
}
