import { grouped } from './capacity.ts'
import { advice, type Check, numberIn, numbersIn, type Subject, settings } from './check.ts'
import {
  formatPortList,
  type PortRange,
  parsePortList,
  portRangeOf,
  sizeOf,
  wideRange,
  without,
} from './ports.ts'

const rangeName = 'net.ipv4.ip_local_port_range'
const reservedName = 'net.ipv4.ip_local_reserved_ports'
/** Ports in TIME_WAIT before a run; more than this share and it begins with fewer. */
const timeWaitShareMax = 0.1
/** What tcp_mem counts in. */
const pageBytes = 4_096
/** A limit of a socket's buffers below this changes what is measured. */
const bufferBytesMin = 65_536
const backlogMin = 4_096
const backlogWanted = '65535'

const portRange: Check = {
  id: 'source ports',
  sides: ['client'],
  look(subject) {
    const { facts, connections, sources, destinations } = subject
    const range = portRangeOf(facts)
    const ports = usable(range, subject)
    const found = `${range.first}-${range.last}: ${grouped(ports)} usable`
    const max = ports * Math.max(1, sources) * Math.max(1, destinations)
    if (connections !== undefined && max < connections)
      return {
        level: 'bad',
        found,
        effect: `${grouped(connections)} connections leave from here, ${grouped(max)} can; the rest ends with EADDRNOTAVAIL`,
        fix:
          facts.sysctls[rangeName] === undefined || ports >= sizeOf(wideRange) * 0.95
            ? advice('--server-ports, more addresses (src= in hosts.txt), or more hosts')
            : settings(widened(subject)),
      }
    if (range.first < wideRange.first && (facts.sysctls[reservedName] ?? '') === '')
      return {
        level: 'warn',
        found,
        effect: 'outgoing connections take ports on which servers are to listen',
        fix: settings(widened(subject)),
      }
    return { level: 'ok', found }
  },
}

const reservedPorts: Check = {
  id: 'reserved ports',
  sides: ['client', 'server'],
  look(subject) {
    const { facts, listening } = subject
    const text = facts.sysctls[reservedName]
    if (text === undefined) return undefined
    const open = unreserved(portRangeOf(facts), subject)
    const found = text === '' ? 'none' : text
    if (open.length === 0) return { level: 'ok', found }
    return {
      level: 'warn',
      found: `${found}; ${open.length} of ${listening.length} listening ports unprotected`,
      effect: 'an outgoing connection can take the port of a server that starts again',
      fix: settings({ [reservedName]: reservedWith(subject, open) }),
    }
  },
}

const timeWait: Check = {
  id: 'TIME_WAIT',
  sides: ['client'],
  look({ facts }) {
    if (facts.timeWait === undefined) return undefined
    const ports = sizeOf(portRangeOf(facts))
    const found = `${grouped(facts.timeWait)} sockets`
    if (facts.timeWait <= ports * timeWaitShareMax) return { level: 'ok', found }
    const reuse = numberIn(facts, 'net.ipv4.tcp_tw_reuse')
    return {
      level: 'warn',
      found,
      effect: 'their ports cannot be had for up to a minute',
      fix:
        reuse === undefined || reuse === 1
          ? advice('wait a minute')
          : settings({ 'net.ipv4.tcp_tw_reuse': '1' }),
    }
  },
}

const timeWaitMax: Check = {
  id: 'net.ipv4.tcp_max_tw_buckets',
  sides: ['client', 'server'],
  look({ facts }) {
    const max = numberIn(facts, 'net.ipv4.tcp_max_tw_buckets')
    if (max === undefined) return undefined
    if ((facts.timeWait ?? 0) < max * 0.9) return { level: 'ok', found: grouped(max) }
    return {
      level: 'warn',
      found: `${grouped(facts.timeWait ?? 0)} of ${grouped(max)}`,
      effect: 'TIME_WAIT is cut short, and a late packet can end a new connection',
      fix: advice('wait a minute'),
    }
  },
}

const tcpMemory: Check = {
  id: 'net.ipv4.tcp_mem',
  sides: ['client', 'server'],
  look({ facts, connections = 0, shared }) {
    const [, pressure, max] = numbersIn(facts, 'net.ipv4.tcp_mem')
    if (pressure === undefined || max === undefined) return undefined
    const found = `pressure at ${grouped(Math.round((pressure * pageBytes) / 1e6))} MB`
    const pages = Math.floor(facts.memoryBytes / pageBytes)
    if (max > pages)
      return {
        level: 'warn',
        found: `up to ${grouped(Math.round((max * pageBytes) / 1e9))} GB, more than there is`,
        effect: 'TCP is never told to save; the machine is out of memory before',
        fix: advice('leave it as the kernel works it out'),
      }
    const ends = connections * (shared ? 2 : 1)
    if (pressure >= ends) return { level: 'ok', found }
    const quarter = (share: number): number => Math.floor((pages * share) / 4)
    return {
      level: 'warn',
      found,
      effect: `less than one page for each of ${grouped(ends)} sockets: active ones are slowed, then dropped`,
      fix: settings({ 'net.ipv4.tcp_mem': [1, 2, 3].map(quarter).join(' ') }),
    }
  },
}

const tcpBuffers: Check = {
  id: 'net.ipv4.tcp_rmem, tcp_wmem',
  sides: ['client', 'server'],
  look({ facts }) {
    const most = ['rmem', 'wmem'].map((name) => numbersIn(facts, `net.ipv4.tcp_${name}`)[2])
    const [receive, send] = most
    if (receive === undefined || send === undefined) return undefined
    const found = `at most ${grouped(receive)} and ${grouped(send)} bytes a socket`
    if (Math.min(receive, send) >= bufferBytesMin) return { level: 'ok', found }
    return {
      level: 'warn',
      found,
      effect: 'buffers are kept small by hand: throughput and stalls are not what users see',
      fix: advice("the kernel's own values"),
    }
  },
}

const backlog: Check = {
  id: 'accept backlog',
  sides: ['server'],
  look({ facts }) {
    const most = numberIn(facts, 'net.core.somaxconn')
    const syn = numberIn(facts, 'net.ipv4.tcp_max_syn_backlog')
    if (most === undefined) return undefined
    const found = `somaxconn ${grouped(most)}${syn === undefined ? '' : `, tcp_max_syn_backlog ${grouped(syn)}`}`
    if (most >= backlogMin) return { level: 'ok', found }
    return {
      level: 'warn',
      found,
      effect: 'connections beyond it wait 1 s, then 3 s; it looks like a slow server',
      fix: settings({
        'net.core.somaxconn': backlogWanted,
        ...(syn === undefined ? {} : { 'net.ipv4.tcp_max_syn_backlog': backlogWanted }),
      }),
    }
  },
}

const handedOver: Check = {
  id: 'net.ipv4.tcp_migrate_req',
  sides: ['server'],
  look({ facts, connections = 0 }) {
    const value = numberIn(facts, 'net.ipv4.tcp_migrate_req')
    if (value === undefined) return undefined
    if (value === 1 || connections <= facts.descriptorsMax)
      return { level: 'ok', found: String(value) }
    return {
      level: 'warn',
      found: '0',
      effect: 'a process that is full resets those who come in just as it stops listening',
      fix: settings({ 'net.ipv4.tcp_migrate_req': '1' }),
    }
  },
}

const overflow: Check = {
  id: 'net.ipv4.tcp_abort_on_overflow',
  sides: ['server'],
  look({ facts }) {
    const value = numberIn(facts, 'net.ipv4.tcp_abort_on_overflow')
    if (value === undefined) return undefined
    if (value === 0) return { level: 'ok', found: '0' }
    return {
      level: 'warn',
      found: '1',
      effect: 'a full backlog resets connections instead of letting them wait',
      fix: advice('sysctl -w net.ipv4.tcp_abort_on_overflow=0'),
    }
  },
}

const orphans: Check = {
  id: 'net.ipv4.tcp_max_orphans',
  sides: ['server'],
  look({ facts, connections = 0 }) {
    const max = numberIn(facts, 'net.ipv4.tcp_max_orphans')
    if (max === undefined) return undefined
    if (max >= connections) return { level: 'ok', found: grouped(max) }
    return {
      level: 'warn',
      found: grouped(max),
      effect: 'when all connections end at once, the rest is reset',
      fix: advice('matters for reconnect storms only'),
    }
  },
}

const tracking: Check = {
  id: 'connection tracking',
  sides: ['client', 'server'],
  look({ facts, connections, shared }) {
    const max = numberIn(facts, 'net.netfilter.nf_conntrack_max')
    if (max === undefined) return undefined
    const taken = facts.conntrack ?? 0
    const found = `${grouped(taken)} of ${grouped(max)}`
    if (taken === 0) return { level: 'ok', found: `${found}: not in use` }
    const needed = taken + (connections ?? 0) * (shared ? 2 : 1)
    if (needed <= max * 0.9) return { level: 'ok', found }
    return {
      level: 'bad',
      found,
      effect: `${grouped(needed)} are needed; beyond it packets are dropped without a word`,
      fix: settings({
        'net.netfilter.nf_conntrack_max': String(2 ** Math.ceil(Math.log2(needed * 1.5))),
      }),
    }
  },
}

const receiveQueue: Check = {
  id: 'net.core.netdev_max_backlog',
  sides: ['client', 'server'],
  look({ facts }) {
    const max = numberIn(facts, 'net.core.netdev_max_backlog')
    if (max === undefined) return undefined
    if (max >= 1_000) return { level: 'ok', found: grouped(max) }
    return {
      level: 'warn',
      found: grouped(max),
      effect: 'packets are dropped when many come at once',
      fix: advice('sysctl -w net.core.netdev_max_backlog=1000'),
    }
  },
}

/** Settings of a machine's network. */
export const checksOfNetwork: readonly Check[] = [
  portRange,
  reservedPorts,
  timeWait,
  timeWaitMax,
  tcpMemory,
  tcpBuffers,
  backlog,
  handedOver,
  overflow,
  orphans,
  tracking,
  receiveQueue,
]

/** Ports that the kernel gives out are those of its range without what is reserved or listened on. */
function usable(range: PortRange, { facts, listening }: Subject): number {
  const avoided = [
    ...parsePortList(facts.sysctls[reservedName] ?? ''),
    ...listening.map((port) => ({ first: port, last: port })),
  ]
  return without(range, avoided).reduce((sum, part) => sum + sizeOf(part), 0)
}

/** A wider range never without the listening ports taken out of it, also those that its own range left alone. */
function widened(subject: Subject): Record<string, string> {
  const open = unreserved(wideRange, subject)
  return {
    ...(open.length === 0 ? {} : { [reservedName]: reservedWith(subject, open) }),
    [rangeName]: `${wideRange.first} ${wideRange.last}`,
  }
}

function unreserved(range: PortRange, { facts, listening }: Subject): number[] {
  const reserved = parsePortList(facts.sysctls[reservedName] ?? '')
  return listening.filter(
    (port) =>
      port >= range.first &&
      port <= range.last &&
      !reserved.some(({ first, last }) => port >= first && port <= last),
  )
}

function reservedWith({ facts }: Subject, ports: readonly number[]): string {
  const reserved = parsePortList(facts.sysctls[reservedName] ?? '')
  return formatPortList([...reserved, ...ports.map((port) => ({ first: port, last: port }))])
}
