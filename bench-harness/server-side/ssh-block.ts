import type { ProcessReading, ProcReading } from './proc-reading.ts'
import {
  parseCounters,
  parseDescriptorsMax,
  parseMeminfo,
  parseSockstat,
  parseStat,
  parseStatm,
} from './proc-texts.ts'

/** Reads one block that the loop of `ssh-script.ts` printed. `undefined` when it does not even tell the time. */
export function parseBlock(block: string): ProcReading | undefined {
  const texts = textsOf(block)
  // Seconds since the machine started; monotonic, with two decimals.
  const uptime = Number.parseFloat(texts.get('/proc/uptime') ?? '')
  if (Number.isNaN(uptime)) return undefined
  const sockets = parseSockstat(texts.get('/proc/net/sockstat') ?? '')
  const slabBytes = parseMeminfo(texts.get('/proc/meminfo') ?? '', 'Slab')
  const [established] = ownLines(block, 'established')
  const sizes = ownLines(block, 'file')
  return {
    atMs: uptime * 1_000,
    processes: processesOf(texts, descriptorsOf(block)),
    tcpExt: parseCounters(texts.get('/proc/net/netstat') ?? '', 'TcpExt'),
    ...(sockets === undefined ? {} : { sockets }),
    ...(slabBytes === undefined ? {} : { slabBytes }),
    ...(established === undefined ? {} : { established: Number(established) }),
    ...(sizes.length === 0
      ? {}
      : { databaseBytes: sizes.reduce((sum, size) => sum + Number(size), 0) }),
  }
}

/** Bytes of a memory page, from the block that the loop begins with. */
export function parsePageBytes(block: string): number | undefined {
  const bytes = Number(ownLines(block, 'pages')[0])
  return bytes > 0 ? bytes : undefined
}

function ownLines(block: string, name: string): string[] {
  return [...block.matchAll(new RegExp(`^@${name} (.*)$`, 'gm'))].map(([, rest = '']) => rest)
}

function textsOf(block: string): ReadonlyMap<string, string> {
  const [, ...parts] = block.split(/^==> (\/\S+) <==\n/m)
  const texts = new Map<string, string>()
  for (let at = 0; at + 1 < parts.length; at += 2) texts.set(parts[at] ?? '', parts[at + 1] ?? '')
  return texts
}

/** A size of 0 is a kernel before 6.2, which does not tell it. */
function descriptorsOf(block: string): ReadonlyMap<number, number> {
  return new Map(
    ownLines(block, 'fd').flatMap((line) => {
      const [, pid, size] = /^\/proc\/(\d+)\/fd (\d+)$/.exec(line) ?? []
      return Number(size) > 0 ? [[Number(pid), Number(size)] as const] : []
    }),
  )
}

function processesOf(
  texts: ReadonlyMap<string, string>,
  descriptors: ReadonlyMap<number, number>,
): ProcessReading[] {
  return [...texts.keys()].flatMap((path) => {
    const digits = /^\/proc\/(\d+)\/statm$/.exec(path)?.[1]
    return digits === undefined ? [] : (processOf(Number(digits), texts, descriptors) ?? [])
  })
}

function processOf(
  pid: number,
  texts: ReadonlyMap<string, string>,
  descriptors: ReadonlyMap<number, number>,
): ProcessReading | undefined {
  const text = (name: string): string => texts.get(`/proc/${pid}/${name}`) ?? ''
  const stat = parseStat(text('stat'))
  const rssPages = parseStatm(text('statm'))
  if (stat === undefined || rssPages === undefined) return undefined
  const open = descriptors.get(pid)
  const descriptorsMax = parseDescriptorsMax(text('limits'))
  const threads = [...texts].flatMap(([path, ofThread]) => {
    const [, owner, thread] = /^\/proc\/(\d+)\/task\/(\d+)\/stat$/.exec(path) ?? []
    const ticks = Number(owner) === pid ? parseStat(ofThread)?.ticks : undefined
    return ticks === undefined ? [] : [[Number(thread), ticks] as const]
  })
  return {
    pid,
    ticks: stat.ticks,
    threadTicks: new Map(threads),
    rssPages,
    ...(open === undefined ? {} : { descriptors: open }),
    ...(descriptorsMax === undefined ? {} : { descriptorsMax }),
  }
}
