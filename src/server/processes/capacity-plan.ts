import { RusherError } from '../../protocol/index.ts'

/** What a machine has, as far as it says: a figure that cannot be read is absent, and is not planned with. */
export interface Machine {
  readonly cores: number
  /** What this process and its children may use: the limit of their group where there is one. */
  readonly memoryBytes: number
  /** What the heap of this process may grow to. It is fixed when a process starts. */
  readonly heapLimitBytes: number
  /** Files that one process may open. */
  readonly descriptorsMax?: number
  /** Files that all processes together may open. */
  readonly fileMax?: number
  /** Connections that may wait for a listener to take them. */
  readonly somaxconn?: number
  /** Pages of buffers at which TCP begins to save, over all connections. */
  readonly tcpPressurePages?: number
}

export interface Asked {
  /** Sessions to be ready for. */
  readonly capacity: number
  /** Edge processes, where somebody has decided it. 0: one process for everything. */
  readonly edges?: number
  /** Sessions that one process may hold for other reasons than this machine's. */
  readonly sessionsMax: number
}

/** Node's options for the heap of one edge. */
export interface EdgeHeap {
  readonly oldSpaceMb?: number
  readonly semiSpaceMb: number
}

export interface CapacityPlan {
  readonly capacity: number
  /** Number of edge processes; 0 when one process does everything. */
  readonly edges: number
  /** Sessions of one process on average, when all are there. */
  readonly sessionsMean: number
  /** The most that one process takes; beyond it, it is full. */
  readonly sessionsMax: number
  readonly edgeHeap: EdgeHeap
  /** What the heap of the process that holds the channels needs, and what it may have. */
  readonly coreHeapMb: number
  readonly coreHeapLimitMb: number
  readonly descriptorsMax?: number
  readonly descriptorsReserved: number
  /** Expected with all sessions there, the kernel's part included; and what there is. */
  readonly memoryExpectedBytes: number
  readonly memoryBytes: number
  /** More than that while every edge is replaced by a new one. */
  readonly memoryRollingBytes: number
  /** What will hurt. */
  readonly warnings: readonly PlanWarning[]
}

export interface PlanWarning {
  readonly problem: string
  /** What to do about it: words, or a command to copy. */
  readonly remedy: string
}

const mebibyte = 1024 * 1024

/** Descriptors that stay free, so that files and health checks work when every place for a session is taken. */
export const descriptorsReserved = 256

/**
 * What sessions and processes weigh, from 15,000 idle sessions in two channels with presence on Node 24 (docs/benchmarks/quick.md), and
 * from 100,000 beside the kernel's own account of its sockets. Applications with state, busy channels and documents come on top.
 */
const weights = {
  /** Resident memory of the process that holds a session. */
  sessionBytes: 5_500,
  /** The kernel's memory for its connection. */
  socketBytes: 5_300,
  /** The core's part of a session: who is present where. */
  memberBytes: 1_400,
  processBytes: 45 * mebibyte,
} as const

/** Heap of an edge: what it starts with, the share of a session in bad times, and the least of both with which a full edge still works. */
const edgeHeap = {
  baseMb: 64,
  sessionBytes: 16 * 1024,
  leastSessionBytes: 8 * 1024,
  stepMb: 32,
} as const
/** Heap of the core: channels, what waits for a commit, and its part of a session. */
const coreHeap = { baseMb: 128, sessionBytes: 2 * 1024 } as const
/** Of the machine's memory, what the heaps of all processes may grow to together. */
const heapsShare = 0.6
/** Half the young generations of all edges together, in MB, and the bounds for one of them: V8 takes powers of two. */
const semiSpace = { allMb: 32, leastMb: 2, mostMb: 16 } as const

/**
 * The kernel picks an edge by a hash of the addresses, so edges fill as bins do that balls are thrown into: with a mean of m, one of
 * them holds more than m + z sqrt(m) with the chance of a normal deviate above z. At 6 that is one in 1,000 million for each edge and
 * each time that everybody comes back; at 3, one of 50 edges would be full after every fifteenth restart.
 */
const deviations = 6
/**
 * A little less than the share at which an edge leaves the port to others (`http/accepting.ts`): with this mean it does not come to the point
 * where all of them listen.
 */
const easyShare = 0.94
/** Sessions from which a process of its own is worth its memory, where a core is free for it. */
const sessionsWorthCore = 10_000
/** Up to here one process does, whatever the cores. */
const oneProcessMax = 20_000
/** More processes than this on one machine are a mistake in the number, or in the limit of open files. */
const edgesMax = 256
const somaxconnLeast = 4_096

/**
 * Works out how `asked.capacity` sessions are held by this machine. What is an estimate only warns; a RusherError CONFIG says that it is
 * impossible, and what would be possible.
 */
export function planCapacity(asked: Asked, machine: Machine): CapacityPlan {
  const { capacity } = asked
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RusherError(
      'CONFIG',
      `capacity must be a whole number of sessions from 1, and is ${capacity}`,
    )
  }
  const places = placesOf(asked, machine)
  const edges = edgesOf(asked, machine, places)
  const processes = Math.max(1, edges)
  const sessionsMean = Math.ceil(capacity / processes)
  // What is left while one of the edges is away; its sessions are with the others then.
  const fewest = Math.max(1, processes - 1)
  const sessionsMax = Math.min(places, withHeadRoom(capacity / fewest))
  const coreHeapMb = coreHeapOf(capacity, edges, sessionsMax)
  const plan = {
    capacity,
    edges,
    sessionsMean,
    sessionsMax,
    edgeHeap: edgeHeapOf({ edges, sessionsMax, coreHeapMb, memoryBytes: machine.memoryBytes }),
    coreHeapMb,
    coreHeapLimitMb: Math.floor(machine.heapLimitBytes / mebibyte),
    ...(machine.descriptorsMax === undefined ? {} : { descriptorsMax: machine.descriptorsMax }),
    descriptorsReserved,
    memoryExpectedBytes: memoryOf(capacity, edges),
    memoryBytes: machine.memoryBytes,
    memoryRollingBytes: edges * weights.processBytes,
  }
  return { ...plan, warnings: warningsOf(plan, machine) }
}

/** Half the young generation of an edge, in MB: less where there are many, since each of them keeps what it grew to. */
export function semiSpaceOf(edges: number): number {
  const share = 2 ** Math.floor(Math.log2(semiSpace.allMb / Math.max(1, edges)))
  return Math.min(semiSpace.mostMb, Math.max(semiSpace.leastMb, share))
}

/** Sessions that one process has descriptors for. */
function placesOf({ sessionsMax }: Asked, { descriptorsMax }: Machine): number {
  if (descriptorsMax === undefined) return sessionsMax
  const places = Math.min(sessionsMax, descriptorsMax - descriptorsReserved)
  if (places >= 1) return places
  throw new RusherError(
    'CONFIG',
    `a process may open ${descriptorsMax} files here, and keeps ${descriptorsReserved} of them back: raise the limit (ulimit -n) to 65536 or more`,
  )
}

function edgesOf(asked: Asked, { cores }: Machine, places: number): number {
  const { capacity, edges, sessionsMax } = asked
  const needed = processesFor(capacity, places)
  if (needed > edgesMax) {
    const most = Math.floor(edgesMax * meanMax(places))
    const bound =
      places === sessionsMax ? 'limits.sessionsMax' : 'the limit of open files (ulimit -n)'
    throw new RusherError(
      'CONFIG',
      `a capacity of ${capacity} takes ${needed} edges of ${places} sessions, and ${edgesMax} are the most: raise ${bound}, or ask for ${most} at most`,
    )
  }
  if (edges !== undefined) {
    if (fullest(capacity, Math.max(1, edges)) <= places) return edges
    throw new RusherError(
      'CONFIG',
      `${edges} edges cannot hold a capacity of ${capacity}: a process holds ${places} sessions, and the kernel does not fill them evenly. It takes ${needed} edges; leave --edges away to have them worked out`,
    )
  }
  const useful =
    capacity <= oneProcessMax ? 1 : Math.min(cores, Math.ceil(capacity / sessionsWorthCore))
  const easy = needed === 1 ? 1 : Math.min(edgesMax, Math.ceil(capacity / (places * easyShare)))
  const processes = Math.max(needed, easy, useful)
  return processes === 1 ? 0 : processes
}

/** How many processes have room for so many sessions, also for those of the fullest. */
function processesFor(capacity: number, places: number): number {
  if (capacity <= places) return 1
  return Math.max(2, Math.ceil(capacity / meanMax(places)))
}

/** The mean at which the fullest of several is just full: the root of m + z sqrt(m) = places. */
function meanMax(places: number): number {
  const half = deviations / 2
  return (Math.sqrt(places + half ** 2) - half) ** 2
}

/** Sessions of the fullest of so many processes. */
function fullest(capacity: number, processes: number): number {
  return processes === 1 ? capacity : withHeadRoom(capacity / processes)
}

function withHeadRoom(mean: number): number {
  return Math.ceil(mean + deviations * Math.sqrt(mean))
}

function coreHeapOf(capacity: number, edges: number, sessionsMax: number): number {
  const members = (capacity * coreHeap.sessionBytes) / mebibyte
  const sessions = edges === 0 ? (sessionsMax * edgeHeap.sessionBytes) / mebibyte : 0
  return Math.ceil(coreHeap.baseMb + members + sessions)
}

/** As much as a full edge may want, but all of them together no more than their share of the machine, unless they need it. */
function edgeHeapOf(of: {
  readonly edges: number
  readonly sessionsMax: number
  readonly coreHeapMb: number
  readonly memoryBytes: number
}): EdgeHeap {
  const { edges, sessionsMax, coreHeapMb, memoryBytes } = of
  const wanted = edgeHeap.baseMb + (sessionsMax * edgeHeap.sessionBytes) / mebibyte
  const least = edgeHeap.baseMb + (sessionsMax * edgeHeap.leastSessionBytes) / mebibyte
  const share = ((memoryBytes / mebibyte) * heapsShare - coreHeapMb) / Math.max(1, edges)
  const given = Math.min(wanted, Math.max(least, share))
  return {
    oldSpaceMb: Math.ceil(given / edgeHeap.stepMb) * edgeHeap.stepMb,
    semiSpaceMb: semiSpaceOf(edges),
  }
}

function memoryOf(capacity: number, edges: number): number {
  const { sessionBytes, socketBytes, memberBytes, processBytes } = weights
  return capacity * (sessionBytes + socketBytes + memberBytes) + (edges + 1) * processBytes
}

function warningsOf(
  plan: Omit<CapacityPlan, 'warnings'>,
  { fileMax, somaxconn, tcpPressurePages }: Machine,
): readonly PlanWarning[] {
  const { capacity, edges } = plan
  const files = capacity + (edges + 1) * descriptorsReserved
  const warnings: (PlanWarning | undefined)[] = [
    memoryWarning(plan),
    plan.coreHeapMb > plan.coreHeapLimitMb
      ? {
          problem: `the core may need a heap of ${plan.coreHeapMb} MB, and has started with ${plan.coreHeapLimitMb}`,
          remedy: `NODE_OPTIONS=--max-old-space-size=${plan.coreHeapMb}`,
        }
      : undefined,
    fileMax !== undefined && fileMax < files
      ? {
          problem: `all processes together may open ${fileMax} files, and ${files} are needed`,
          remedy: `sysctl -w fs.file-max=${files}`,
        }
      : undefined,
    somaxconn !== undefined && somaxconn < somaxconnLeast
      ? {
          problem: `only ${somaxconn} connections may wait to be taken, and of a storm the rest is lost`,
          remedy: 'sysctl -w net.core.somaxconn=65535',
        }
      : undefined,
    tcpPressurePages !== undefined && tcpPressurePages < capacity
      ? {
          problem: `TCP begins to save at ${tcpPressurePages} pages of buffers, which is less than one a session`,
          remedy: `sysctl -w net.ipv4.tcp_mem="${capacity} ${2 * capacity} ${4 * capacity}"`,
        }
      : undefined,
  ]
  return warnings.filter((warning) => warning !== undefined)
}

function memoryWarning(plan: Omit<CapacityPlan, 'warnings'>): PlanWarning | undefined {
  const { memoryExpectedBytes, memoryRollingBytes, memoryBytes, edges } = plan
  if (memoryExpectedBytes > memoryBytes) {
    return {
      problem: `about ${gigabytes(memoryExpectedBytes)} GB of memory are needed, and ${gigabytes(memoryBytes)} are there`,
      remedy: `add memory, or ask for ${capacityOf(memoryBytes, edges)} sessions`,
    }
  }
  if (edges === 0 || memoryExpectedBytes + memoryRollingBytes <= memoryBytes) return undefined
  return {
    problem: `while all sessions are there, the memory does not do for new edges beside the old ones (SIGHUP): ${gigabytes(memoryRollingBytes)} GB more`,
    remedy: 'restart the server instead, or add memory',
  }
}

/** Sessions that so much memory holds, in thousands. */
function capacityOf(memoryBytes: number, edges: number): number {
  const { sessionBytes, socketBytes, memberBytes, processBytes } = weights
  const left = memoryBytes - (edges + 1) * processBytes
  const sessions = left / (sessionBytes + socketBytes + memberBytes)
  return Math.max(1, Math.floor(sessions / 1_000)) * 1_000
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1)
}
