import type { HostFacts } from '../control/messages.ts'
import {
  type Capacity,
  type CapacityQuestion,
  type ClientHost,
  capacityOf,
  grouped,
} from './capacity.ts'
import { advice, type Finding, type Fix, type Level, type Side, type Subject } from './check.ts'
import { checks } from './checks.ts'
import { destinationsOf } from './ports.ts'

export interface DoctorRow extends Finding {
  readonly host: string
  readonly side: Side
  readonly id: string
}

/** What `rusher bench doctor` finds. */
export interface DoctorReport {
  readonly v: 1
  readonly event: 'doctor'
  /** The one line to read. */
  readonly sentence: string
  /** Whether the wanted connections can be had; absent when nobody said how many. */
  readonly enough?: boolean
  readonly level: Level
  readonly capacity: Capacity
  readonly rows: readonly DoctorRow[]
}

/** Holds facts of hosts, and of the server as far as known, against what they are to do. */
export function examine(asked: CapacityQuestion): DoctorReport {
  const question = { ...asked, hosts: asked.hosts.map((host) => withServerPorts(host, asked.urls)) }
  const capacity = capacityOf(question)
  const rows = [
    ...once([
      ...question.hosts.flatMap((host) => rowsOf(host.name, clientOf(host, question))),
      ...serverRows(question),
    ]),
    ...versionRows(question.hosts.map(({ name, facts }) => ({ name, facts }))),
  ]
  const levels = rows.map(({ level }) => level)
  const level = levels.includes('bad') ? 'bad' : levels.includes('warn') ? 'warn' : 'ok'
  const { connections } = question
  return {
    v: 1,
    event: 'doctor',
    sentence: capacity.sentence,
    ...(connections === undefined ? {} : { enough: capacity.max >= connections }),
    level,
    capacity,
    rows,
  }
}

/** All settings of one host that its rows ask for, in an order in which they can be set. */
export function settingsOf(report: DoctorReport, host: string): Readonly<Record<string, string>> {
  const wanted = report.rows.flatMap((row) =>
    row.host === host && row.level !== 'ok' && row.fix?.kind === 'settings'
      ? [row.fix.settings]
      : [],
  )
  // Two rows that reserve ports of one host agree on which, or the first has those of the wider range.
  return Object.assign({}, ...wanted.reverse())
}

/** What a person would type; nothing for advice. */
export function commandsOf(fix: Fix | undefined): readonly string[] {
  return fix?.kind === 'settings'
    ? Object.entries(fix.settings).map(([name, value]) => `sysctl -w ${name}='${value}'`)
    : []
}

/** Clients and server on one machine find much the same; once is enough. */
function once(rows: readonly DoctorRow[]): DoctorRow[] {
  const isSame = (a: DoctorRow, b: DoctorRow): boolean =>
    a.host === b.host && a.id === b.id && a.level === b.level && a.found === b.found
  return rows.filter((row, at) => !rows.slice(0, at).some((before) => isSame(before, row)))
}

function withServerPorts(host: ClientHost, urls: readonly string[]): ClientHost {
  if (host.withServer !== true) return host
  const ports = destinationsOf(urls).map((place) => Number(place.slice(place.lastIndexOf(':') + 1)))
  return { ...host, listening: [...new Set([...(host.listening ?? []), ...ports])] }
}

function clientOf(host: ClientHost, { hosts, urls, connections }: CapacityQuestion): Subject {
  const all = hosts.reduce((sum, { workers }) => sum + workers, 0)
  return {
    side: 'client',
    facts: host.facts,
    processes: host.workers,
    ...(connections === undefined
      ? {}
      : { connections: Math.ceil((connections * host.workers) / Math.max(1, all)) }),
    sources: host.sources.length,
    destinations: destinationsOf(urls).length,
    listening: host.listening ?? [],
    shared: host.withServer === true,
  }
}

function serverRows({ server, hosts, connections, urls }: CapacityQuestion): DoctorRow[] {
  if (server === undefined) return []
  const { facts, sessionsMax, name } = server
  const rows: DoctorRow[] = []
  if (sessionsMax !== undefined)
    rows.push({
      host: name,
      side: 'server',
      id: 'its own limit of sessions',
      found: grouped(sessionsMax),
      ...(sessionsMax >= (connections ?? 0)
        ? { level: 'ok' }
        : {
            level: 'bad',
            effect: 'it refuses the rest with 503',
            fix: advice(`rusher serve --capacity ${connections}`),
          }),
    })
  if (facts === undefined) return rows
  const subject: Subject = {
    side: 'server',
    facts,
    processes: server.processes ?? 1,
    ...(server.descriptorsMax === undefined ? {} : { descriptorsMax: server.descriptorsMax }),
    ...(connections === undefined ? {} : { connections }),
    sources: 0,
    destinations: destinationsOf(urls).length,
    listening: destinationsOf(urls).map((place) => Number(place.slice(place.lastIndexOf(':') + 1))),
    shared: hosts.some(({ withServer }) => withServer === true),
  }
  return [...rows, ...rowsOf(name, subject)]
}

function rowsOf(host: string, subject: Subject): DoctorRow[] {
  return checks.flatMap(({ id, sides, look }) => {
    const finding = sides.includes(subject.side) ? look(subject) : undefined
    return finding === undefined ? [] : [{ host, side: subject.side, id, ...finding }]
  })
}

function versionRows(
  hosts: readonly { readonly name: string; readonly facts: HostFacts }[],
): DoctorRow[] {
  const [first] = hosts
  const other = hosts.find(({ facts }) => facts.node !== first?.facts.node)
  if (first === undefined || other === undefined) return []
  return [
    {
      host: other.name,
      side: 'client',
      id: 'Node',
      level: 'warn',
      found: `${other.facts.node}, ${first.name} has ${first.facts.node}`,
      effect: 'hosts that differ are not equally fast',
      fix: advice('--ship-node, or node= in hosts.txt'),
    },
  ]
}
