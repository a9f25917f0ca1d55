/*
 * Readers of the texts in /proc (Linux, Documentation/filesystems/proc.rst and man 5 proc). They take a text and give numbers; a text that
 * is not what it should be gives `undefined` or nothing, since a process may end between two looks.
 */

/** Time on a processor in clock ticks, user and kernel together: fields 14 and 15 of /proc/<pid>/stat. */
export function parseStat(
  text: string,
): { readonly ticks: number; readonly parent: number } | undefined {
  // The second field is a name that may hold spaces and brackets; what follows its last bracket is fields 3 and on.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const parent = Number(fields[1])
  const ticks = Number(fields[11]) + Number(fields[12])
  return fields.length < 13 || Number.isNaN(ticks + parent) ? undefined : { ticks, parent }
}

/** Resident pages: the second field of /proc/<pid>/statm. */
export function parseStatm(text: string): number | undefined {
  return wholeOf(text.split(' ')[1])
}

/** /proc/<pid>/task/<tid>/children: process ids with a space behind each. */
export function parseChildren(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number)
}

/** The soft limit of open files in /proc/<pid>/limits. */
export function parseDescriptorsMax(text: string): number | undefined {
  return wholeOf(/^Max open files\s+(\d+)/m.exec(text)?.[1])
}

export interface SocketTotals {
  /** TCP sockets in use in this network namespace, both ends of a loopback connection and listeners included. */
  readonly inUse: number
  readonly timeWait: number
  readonly orphans: number
  /** Memory that TCP's buffers take, in pages; of the whole machine. */
  readonly memoryPages: number
}

/** /proc/net/sockstat. */
export function parseSockstat(text: string): SocketTotals | undefined {
  const line = /^TCP: (.*)$/m.exec(text)?.[1]
  if (line === undefined) return undefined
  const words = line.split(' ')
  const after = (name: string): number => Number(words[words.indexOf(name) + 1])
  const totals = {
    inUse: after('inuse'),
    timeWait: after('tw'),
    orphans: after('orphan'),
    memoryPages: after('mem'),
  }
  return Object.values(totals).some(Number.isNaN) ? undefined : totals
}

/** The counters of one protocol in /proc/net/netstat or snmp: a line of names, then a line of values. */
export function parseCounters(text: string, protocol: string): Readonly<Record<string, number>> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${protocol}: `))
  const names = lines[0]?.split(' ').slice(1) ?? []
  const values = lines[1]?.split(' ').slice(1) ?? []
  return Object.fromEntries(names.map((name, index) => [name, Number(values[index])]))
}

/** One line of /proc/meminfo, in bytes. */
export function parseMeminfo(text: string, name: string): number | undefined {
  const kb = wholeOf(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1])
  return kb === undefined ? undefined : kb * 1_024
}

/** Proportional set size in /proc/<pid>/smaps_rollup, in bytes. */
export function parseRollup(text: string): number | undefined {
  return parseMeminfo(text, 'Pss')
}

/** What the kernel holds for processes and sockets, in the text of /proc/meminfo, in bytes; TCP's buffers are not among it. */
export function parseKernelMemory(text: string): number | undefined {
  const parts = ['Slab', 'PageTables', 'KernelStack'].map((name) => parseMeminfo(text, name))
  return parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
    0,
  )
}

const listening = '0A'
const established = '01'

/**
 * How many established sockets have one of these local ports, in the text of /proc/net/tcp or tcp6. The kernel writes that text in pieces, and
 * repeats lines when sockets come and go between two of them; a socket with the same two ends is the same.
 */
export function countEstablished(text: string, ports: readonly number[]): number {
  const found = socketsIn(text).filter(
    ({ state, port }) => state === established && ports.includes(port),
  )
  return new Set(found.map(({ ends }) => ends)).size
}

/** Inodes of the sockets that listen on a port, in the text of /proc/net/tcp or tcp6. */
export function listenersIn(text: string, port: number): string[] {
  return socketsIn(text)
    .filter((socket) => socket.state === listening && socket.port === port)
    .map(({ inode }) => inode)
}

/** Ports on which anything listens, in the text of /proc/net/tcp or tcp6. */
export function listeningPorts(text: string): number[] {
  const ports = socketsIn(text).filter(({ state }) => state === listening)
  return [...new Set(ports.map(({ port }) => port))]
}

interface TcpSocket {
  /** Both addresses, as the kernel writes them. */
  readonly ends: string
  readonly port: number
  readonly state: string
  readonly inode: string
}

function socketsIn(text: string): TcpSocket[] {
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
      const port = Number.parseInt(local.split(':')[1] ?? '', 16)
      return { ends: `${local} ${remote}`, port, state, inode }
    })
}

function wholeOf(digits: string | undefined): number | undefined {
  return digits === undefined || !/^\d+$/.test(digits) ? undefined : Number(digits)
}
