import type { Bench, Figure } from './figure.ts'
import { startPeer } from './peer.ts'
import { type Figures, numberOf } from './peer-port.ts'
import { busiestThreadSecondsOf, cpuSecondsOf } from './process-figures.ts'
import { type RusherServer, startRusher } from './rusher-server.ts'

const clients = 8
const inFlight = 200
/** As many as the clients publish into. */
const channels = 100
const loadMs = 8_000
const warmMs = 2_000
const quietMs = 3_000
const loopMs = 3_000
const fsyncs = 300
const text = 'A message of ordinary length, as people write them in a chat.'
const factorMin = 20
/** What a server could commit together if all that is in flight waited for it. */
const ceilingPerCommit = clients * inFlight

/** How many publishes a second are on disk before they are answered, over sockets. */
export async function measurePublishing(bench: Bench): Promise<readonly Figure[]> {
  const scale = bench.short ? 0.25 : 1
  const folder = await bench.folder()
  const commit = startPeer('quick/commit-peer')
  try {
    bench.progress('fsync, and one transaction a message')
    const fsync = await commit.ask('fsync', { folder, count: fsyncs })
    const loop = { folder, text, channels, ms: loopMs * scale }
    const first = await commit.ask('commit', { ...loop, name: 'first', perCommit: 1 })
    bench.progress('rusher serve with SQLite, a publish at a time')
    const quiet = await load(bench, { clients: 1, inFlight: 1, ms: quietMs * scale })
    bench.progress(`rusher serve with SQLite, ${clients} clients with ${inFlight} publishes each`)
    const busy = await load(bench, { clients, inFlight, ms: loadMs * scale })
    bench.progress('one transaction a message again')
    const second = await commit.ask('commit', { ...loop, name: 'second', perCommit: 1 })
    bench.progress(`${ceilingPerCommit} messages a transaction`)
    const ceiling = await commit.ask('commit', {
      ...loop,
      name: 'ceiling',
      perCommit: ceilingPerCommit,
    })
    // Before and after, so that a disk that changes its pace is not held against either.
    const bare = (numberOf(first, 'perSecond') + numberOf(second, 'perSecond')) / 2
    return figuresOf({ fsync, first, quiet, busy, bare, ceiling })
  } finally {
    await commit.stop()
  }
}

interface Measured {
  readonly fsync: Figures
  readonly first: Figures
  readonly quiet: Figures
  readonly busy: Figures
  /** One transaction a message, a second. */
  readonly bare: number
  /** The same rows in transactions of all that is in flight, with no server around them. */
  readonly ceiling: Figures
}

function figuresOf({ fsync, first, quiet, busy, bare, ceiling }: Measured): readonly Figure[] {
  const perSecond = numberOf(busy, 'perSecond')
  const ms = (figures: Figures): string =>
    `p50 ${numberOf(figures, 'p50Ms').toFixed(2)} ms, p99 ${numberOf(figures, 'p99Ms').toFixed(2)} ms`
  return [
    {
      id: 'publishing.rate',
      name: 'durable publishes, synchronous=FULL',
      unit: '1/s',
      rusher: perSecond,
      bare,
      ratio: perSecond / bare,
      target: { text: `at least ${factorMin} x bare`, met: perSecond >= factorMin * bare },
      note: `ack ${ms(busy)}; fsync ${ms(fsync)}; bare commit ${ms(first)}`,
    },
    {
      id: 'publishing.ceiling',
      name: `the same, beside SQLite alone with ${ceilingPerCommit} a transaction`,
      unit: '1/s',
      rusher: perSecond,
      bare: numberOf(ceiling, 'perSecond'),
      ratio: perSecond / numberOf(ceiling, 'perSecond'),
      note: 'the ceiling: no sockets, no JSON to read, a whole core for the inserts',
    },
    {
      id: 'publishing.cpu',
      name: 'server CPU per durable publish',
      unit: 'µs',
      rusher: numberOf(busy, 'cpuUs'),
      note: `busiest thread ${numberOf(busy, 'threadShare').toFixed(2)} of a core`,
    },
    {
      id: 'publishing.lone',
      name: 'ack of a lone durable publish, p50',
      unit: 'ms',
      rusher: numberOf(quiet, 'p50Ms'),
      bare: numberOf(first, 'p50Ms'),
      note: `one client with one publish at a time: ${ms(quiet)}`,
    },
  ]
}

async function load(bench: Bench, given: Load): Promise<Figures> {
  const server = await startRusher({
    folder: await bench.folder(),
    storage: 'sqlite',
    profile: bench.profile,
  })
  return publishTo(server, given)
}

/** A number of clients, the publishes that each keeps in flight, and the time after a warm-up. */
export interface Load {
  readonly clients: number
  readonly inFlight: number
  readonly ms: number
}

/** Publishes to a server under that load, and stops the server. */
export async function publishTo(
  server: RusherServer,
  { clients, inFlight, ms }: Load,
): Promise<Figures> {
  const peer = startPeer('quick/publishing-peer')
  try {
    const { pid, port } = server
    const before = { all: cpuSecondsOf(pid), threads: busiestThreadSecondsOf(pid) }
    const startedMs = performance.now()
    const figures = await peer.ask('publish', { port, clients, inFlight, ms, text, warmMs })
    const seconds = (performance.now() - startedMs) / 1_000
    const shares = [...busiestThreadSecondsOf(pid)].map(
      ([thread, after]) => (after - (before.threads.get(thread) ?? 0)) / seconds,
    )
    const cpuUs = ((cpuSecondsOf(pid) - before.all) * 1_000_000) / numberOf(figures, 'acked')
    return { ...figures, cpuUs, threadShare: Math.max(...shares) }
  } finally {
    await peer.stop()
    await server.stop()
  }
}
