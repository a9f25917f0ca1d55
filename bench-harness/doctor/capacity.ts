import type { HostFacts } from '../control/messages.ts'
import { connectionsOfWorkerMax, descriptorsKept, portsOfSource } from './plan-ports.ts'
import { destinationsOf, portRangeOf, sizeOf, wideRange } from './ports.ts'

/** Kernel and process memory of one end of a connection, measured, in bytes; on one machine both ends together. */
export const memoryOf = { client: 9_000, server: 11_000, both: 20_000 } as const
/** Of the memory that is free, so that nothing is swapped out. */
export const memoryShare = 0.9

/** A machine that connections are opened from. */
export interface ClientHost {
  readonly name: string
  readonly facts: HostFacts
  readonly workers: number
  /** Addresses that connections leave from; none: one, which the kernel chooses. */
  readonly sources: readonly string[]
  /** `max=` in hosts.txt. */
  readonly connectionsMax?: number
  /** Ports of it on which something listens. */
  readonly listening?: readonly number[]
  /** The server is on the same machine. */
  readonly withServer?: boolean
}

export interface ServerMachine {
  readonly name: string
  /** Absent: nobody looked at its machine. */
  readonly facts?: HostFacts
  /** Processes that hold connections, as far as known. */
  readonly processes?: number
  /** Hard limit of open files of each. */
  readonly descriptorsMax?: number
  /** Its own limit, over all processes. */
  readonly sessionsMax?: number
}

export type Resource =
  | 'source ports'
  | 'descriptors'
  | 'memory'
  | 'connection tracking'
  | 'max= in hosts.txt'
  | 'open files of the machine'
  | "the server's own limit"

export interface Limit {
  readonly resource: Resource
  readonly max: number
  /** The factors, as in `28,232 x 1 address x 1 server port`. */
  readonly how: string
  readonly fix: string
}

export interface HostCapacity {
  readonly name: string
  readonly workers: number
  readonly max: number
  /** The smallest first. */
  readonly limits: readonly Limit[]
}

export interface Capacity {
  readonly max: number
  readonly where: string
  /** Absent when nothing is known that would limit. */
  readonly by?: Limit
  readonly hosts: readonly HostCapacity[]
  readonly fleetMax: number
  readonly server?: HostCapacity
  readonly sentence: string
}

export interface CapacityQuestion {
  readonly hosts: readonly ClientHost[]
  readonly urls: readonly string[]
  readonly server?: ServerMachine
  readonly connections?: number
}

/**
 * How many connections these hosts can hold to these addresses, and what limits it. All workers get the same number of connections, so the
 * fleet is as many times the tightest worker as there are workers.
 */
export function capacityOf(question: CapacityQuestion): Capacity {
  const { urls, connections } = question
  const destinations = destinationsOf(urls).length
  const hosts = question.hosts.map((host) => hostCapacity(host, destinations, question))
  const workers = hosts.reduce((sum, host) => sum + host.workers, 0)
  const tightest = hosts.reduce<HostCapacity | undefined>(
    (least, host) =>
      least === undefined || host.max / host.workers < least.max / least.workers ? host : least,
    undefined,
  )
  const fleetMax =
    tightest === undefined ? 0 : Math.floor((tightest.max / tightest.workers) * workers)
  const server = question.server === undefined ? undefined : serverCapacity(question.server)
  const limiting = server?.limits[0] !== undefined && server.max < fleetMax ? server : tightest
  const max = Math.min(fleetMax, limiting === server ? (server?.max ?? fleetMax) : fleetMax)
  const by = limiting?.limits[0]
  const where = limiting?.name ?? 'nowhere'
  return {
    max,
    where,
    ...(by === undefined ? {} : { by }),
    hosts,
    fleetMax,
    ...(server === undefined ? {} : { server }),
    sentence: sentenceOf(max, by, where, limiting === server, connections),
  }
}

function sentenceOf(
  max: number,
  by: Limit | undefined,
  where: string,
  isServer: boolean,
  connections: number | undefined,
): string {
  const who = isServer ? 'The server' : 'This fleet'
  const short =
    connections === undefined || max >= connections
      ? ''
      : `, ${grouped(connections - max)} short of ${grouped(connections)}`
  if (by === undefined) return 'Nothing is known that would limit the connections.'
  const isEnough = connections !== undefined && max >= connections
  const fix = isEnough ? '' : ` Fix: ${by.fix}.`
  return `${who} can hold ${grouped(max)} connections${short}; limited by ${by.resource} on ${where} (${by.how}).${fix}`
}

function hostCapacity(
  host: ClientHost,
  destinations: number,
  { connections, hosts }: CapacityQuestion,
): HostCapacity {
  const { facts, workers } = host
  const all = hosts.reduce((sum, other) => sum + other.workers, 0)
  const wanted = connections === undefined ? undefined : Math.ceil((connections * workers) / all)
  const limits: Limit[] = [
    portLimit(host, destinations, wanted),
    {
      resource: 'descriptors',
      max: workers * Math.max(0, facts.descriptorsMax - descriptorsKept),
      how: `${counted(workers, 'worker')} x ${grouped(facts.descriptorsMax - descriptorsKept)} open files`,
      fix: moreWorkers(facts, wanted),
    },
    memoryLimit(facts, host.withServer === true ? 'both' : 'client'),
    ...trackingLimit(facts, host.withServer === true ? 2 : 1),
  ]
  if (host.connectionsMax !== undefined)
    limits.push({
      resource: 'max= in hosts.txt',
      max: host.connectionsMax,
      how: `max=${host.connectionsMax}`,
      fix: 'write a larger max= or none',
    })
  return capacityBy(host.name, workers, limits)
}

function serverCapacity(server: ServerMachine): HostCapacity {
  const { facts, processes, sessionsMax } = server
  const descriptorsMax = server.descriptorsMax ?? facts?.descriptorsMax
  const limits: Limit[] = []
  if (descriptorsMax !== undefined && processes !== undefined)
    limits.push({
      resource: 'descriptors',
      max: processes * Math.max(0, descriptorsMax - descriptorsKept),
      how: `${counted(processes, 'process', 'processes')} x ${grouped(descriptorsMax - descriptorsKept)} open files`,
      fix: 'start the server with more processes, or with LimitNOFILE= in its systemd unit',
    })
  if (sessionsMax !== undefined)
    limits.push({
      resource: "the server's own limit",
      max: sessionsMax,
      how: `sessionsMax ${grouped(sessionsMax)}`,
      fix: 'start it with --capacity',
    })
  if (facts !== undefined) {
    limits.push(memoryLimit(facts, 'server'), ...trackingLimit(facts, 1))
    const files = Number(facts.sysctls['fs.file-max'] ?? Number.NaN)
    if (files > 0)
      limits.push({
        resource: 'open files of the machine',
        max: files,
        how: `fs.file-max ${grouped(files)}`,
        fix: 'rusher bench doctor --fix',
      })
  }
  return capacityBy(server.name, processes ?? 1, limits)
}

function capacityBy(name: string, workers: number, unsorted: readonly Limit[]): HostCapacity {
  const limits = [...unsorted].sort((a, b) => a.max - b.max)
  return { name, workers, max: limits[0]?.max ?? Number.POSITIVE_INFINITY, limits }
}

function portLimit(host: ClientHost, destinations: number, wanted: number | undefined): Limit {
  const { facts, workers, sources, listening = [] } = host
  const sourceCount = Math.max(1, sources.length)
  const ports = portsOfSource({
    facts,
    workers,
    sources,
    destinations,
    listening,
    ...(wanted === undefined ? {} : { connections: wanted }),
  })
  const wide = sizeOf(wideRange)
  const range = portRangeOf(facts)
  const canWiden = /linux/i.test(facts.system) && sizeOf(range) < wide && ports < wide * 0.95
  const wider = canWiden ? `, or rusher bench doctor --fix (${grouped(wide)} ports)` : ''
  return {
    resource: 'source ports',
    max: ports * sourceCount * destinations,
    how: `${grouped(ports)} x ${counted(sourceCount, 'address', 'addresses')} x ${counted(destinations, 'server port')}`,
    fix: `dial more server ports or addresses, give this host more addresses (src= in hosts.txt)${wider}`,
  }
}

function moreWorkers(facts: HostFacts, wanted: number | undefined): string {
  const each = Math.min(connectionsOfWorkerMax, facts.descriptorsMax - descriptorsKept)
  if (wanted === undefined || each <= 0) return 'more workers (workers= in hosts.txt)'
  return `workers=${Math.ceil(wanted / each)} in hosts.txt`
}

function memoryLimit(facts: HostFacts, ends: keyof typeof memoryOf): Limit {
  const bytes = memoryOf[ends]
  return {
    resource: 'memory',
    max: Math.floor((facts.freeBytes * memoryShare) / bytes),
    how: `${grouped(Math.round((facts.freeBytes * memoryShare) / 1e6))} MB free / ${bytes / 1_000} KB each${ends === 'both' ? ', both ends on this machine' : ''}`,
    fix: ends === 'client' ? 'more hosts' : 'a machine with more memory',
  }
}

/** A table that holds nothing although there are connections is not in use: no rule asks for it. */
function trackingLimit(facts: HostFacts, entries: number): Limit[] {
  const max = Number(facts.sysctls['net.netfilter.nf_conntrack_max'] ?? Number.NaN)
  if (!(max > 0) || !facts.conntrack) return []
  return [
    {
      resource: 'connection tracking',
      max: Math.floor(Math.max(0, max - facts.conntrack) / entries),
      how: `nf_conntrack_max ${grouped(max)}, ${grouped(facts.conntrack)} taken`,
      fix: 'rusher bench doctor --fix, or a NOTRACK rule for the server port',
    },
  ]
}

/** 28232 as 28,232. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}
