import type { HostFacts } from '../control/messages.ts'
import { type PortRange, parsePortList, portRangeOf, sizeOf, wideRange, without } from './ports.ts'

/** Descriptors that a process needs for itself. */
export const descriptorsKept = 64
/** Sessions of one process: more, and its heap and its event loop are what is measured. */
export const connectionsOfWorkerMax = 50_000
/** With fewer than this a further process brings nothing. */
const connectionsOfWorkerMin = 1_000

/**
 * How many workers a host needs for so many connections: one a core, a core left for the rest, but none that would have next to nothing to do;
 * and more than that when one process may not have so many sockets.
 */
export function workersFor(connections: number, facts: HostFacts, coresKept = 1): number {
  const worthwhile = Math.max(1, Math.ceil(connections / connectionsOfWorkerMin))
  const cores = Math.max(1, facts.cores - coresKept)
  const descriptors = Math.max(1, facts.descriptorsMax - descriptorsKept)
  return Math.max(
    Math.min(cores, worthwhile),
    Math.ceil(connections / connectionsOfWorkerMax),
    Math.ceil(connections / descriptors),
  )
}

export interface PortQuestion {
  readonly facts: HostFacts
  readonly workers: number
  /** Addresses that connections shall leave from; none: the kernel chooses. */
  readonly sources: readonly string[]
  /** Distinct address and port pairs that are dialled. */
  readonly destinations: number
  /** Ports of this host on which something listens, the server's among them. */
  readonly listening: readonly number[]
  /** Connections that the host is to have; absent: as many as there are. */
  readonly connections?: number
}

/** A worker's part: for each of its sources all ports of the range, towards every destination. */
export interface PortShare {
  readonly sources: readonly string[]
  /** Absent: the kernel chooses. */
  readonly ports?: readonly [first: number, last: number]
}

/**
 * Which addresses and ports each worker may bind, so that no two bind the same. Left to the kernel where it does that as well: without an
 * address every destination has all ports, and with one address and one destination there is nothing to share. But an address without a
 * port is given each port once, whatever the destination (libuv binds before it connects), so several of either need explicit ports.
 *
 * The kernel's own range is used, or when that is too small a wider one: a port that is asked for may lie outside it.
 */
export function planPorts(question: PortQuestion): PortShare[] {
  const { sources, workers, destinations } = question
  const byKernel = sources.length === 0 || (sources.length === 1 && destinations <= 1)
  if (byKernel || workers < 1) return Array.from({ length: workers }, () => ({ sources }))
  const wanted =
    question.connections === undefined
      ? Number.POSITIVE_INFINITY
      : Math.ceil(question.connections / workers / sources.length / destinations)
  const own = splitRange(portRangeOf(question.facts), avoidedBy(question), workers)
  const isEnough = own.length === workers && own.every((range) => sizeOf(range) >= wanted)
  const ranges = isEnough ? own : widest(own, splitRange(wideRange, avoidedBy(question), workers))
  return Array.from({ length: workers }, (_, worker) => {
    const range = ranges[worker]
    return range === undefined ? { sources } : { sources, ports: [range.first, range.last] }
  })
}

/** How many connections one source can have to one destination with ports that `planPorts` gives, or that the kernel chooses. */
export function portsOfSource(question: PortQuestion): number {
  const shares = planPorts(question)
  const explicit = shares.flatMap(({ ports }) => ports ?? [])
  if (explicit.length === 0)
    return without(portRangeOf(question.facts), avoidedBy(question)).reduce(
      (sum, range) => sum + sizeOf(range),
      0,
    )
  return shares.reduce((sum, { ports: [first, last] = [0, -1] }) => sum + last - first + 1, 0)
}

function avoidedBy({ facts, listening }: PortQuestion): PortRange[] {
  return [
    ...parsePortList(facts.sysctls['net.ipv4.ip_local_reserved_ports'] ?? ''),
    ...listening.map((port) => ({ first: port, last: port })),
  ]
}

function widest(a: readonly PortRange[], b: readonly PortRange[]): readonly PortRange[] {
  const total = (ranges: readonly PortRange[]): number =>
    ranges.reduce((sum, range) => sum + sizeOf(range), 0)
  return total(b) > total(a) ? b : a
}

/**
 * So many ranges of one length, the longest that can be had, without the avoided ports. Fewer ranges when there are not as many ports.
 */
function splitRange(range: PortRange, avoided: readonly PortRange[], count: number): PortRange[] {
  const parts = without(range, avoided)
  const fitting = (length: number): number =>
    parts.reduce((sum, part) => sum + Math.floor(sizeOf(part) / length), 0)
  let length = Math.max(1, Math.floor(sizeOf(range) / count))
  let shortest = 1
  while (shortest < length) {
    const middle = Math.ceil((shortest + length) / 2)
    if (fitting(middle) >= count) shortest = middle
    else length = middle - 1
  }
  return parts
    .flatMap((part) =>
      Array.from({ length: Math.floor(sizeOf(part) / length) }, (_, index) => {
        const first = part.first + index * length
        return { first, last: first + length - 1 }
      }),
    )
    .slice(0, count)
}
