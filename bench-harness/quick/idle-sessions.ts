import type { Bench, Figure } from './figure.ts'
import { type Peer, startPeer } from './peer.ts'
import { numberOf } from './peer-port.ts'
import { childrenOf, rssKbOf, settled } from './process-figures.ts'
import { startRusher } from './rusher-server.ts'

const sessionsMax = 15_000
const warmSessions = 500
const peers = 2
const budgetKb = 8
const preload = new URL('./collect-on-signal.js', import.meta.url)

/** A server to weigh: the processes that are weighed, each by itself. */
interface Subject {
  readonly port: number
  readonly pids: readonly number[]
  readonly dialect: 'rusher' | 'bare'
  stop(): Promise<void>
}

interface Weight {
  readonly emptyKb: number
  /** KB a session as it stands, and after garbage was collected. */
  readonly sessionKb: number
  readonly heldKb: number
}

/** What an idle session with two subscriptions costs in resident memory. */
export async function measureIdleSessions(bench: Bench): Promise<readonly Figure[]> {
  const count = bench.short ? sessionsMax / 10 : sessionsMax
  bench.progress(`${count} idle sessions on bare ws`)
  const [bare] = await weigh(await startBare(), count)
  bench.progress(`${count} idle sessions on rusher serve`)
  const [whole] = await weigh(await startOurs(bench, 0), count)
  bench.progress(`${count} idle sessions on rusher serve --edges 1`)
  const [core, edge] = await weigh(await startOurs(bench, 1), count)
  if (bare === undefined || whole === undefined || core === undefined || edge === undefined)
    throw new Error('a process was not weighed')
  const within = (ours: number): { text: string; met: boolean } => ({
    text: `at most ${budgetKb} KB`,
    met: ours <= budgetKb,
  })
  const line = (id: string, name: string, ours: Weight, core?: Weight): Figure => {
    const held = ours.heldKb + (core?.heldKb ?? 0)
    const standing = ours.sessionKb + (core?.sessionKb ?? 0)
    return {
      id: `idle.${id}`,
      name: `RSS per idle session, ${name}`,
      unit: 'KB',
      rusher: held,
      bare: bare.heldKb,
      ratio: held / bare.heldKb,
      // The core's share is no edge's: it is told, and bears no promise yet.
      ...(core === undefined ? { target: within(held) } : {}),
      note: `before collecting garbage ${standing.toFixed(1)}, bare ${bare.sessionKb.toFixed(1)}; empty ${((ours.emptyKb + (core?.emptyKb ?? 0)) / 1_024).toFixed(0)} MB, bare ${(bare.emptyKb / 1_024).toFixed(0)} MB`,
    }
  }
  return [
    line('whole', `${count} with two channels, one process`, whole),
    line('edge', '--edges 1, the edge alone', edge),
    line('edge-and-core', '--edges 1, edge and core', edge, core),
  ]
}

async function startBare(): Promise<Subject> {
  const peer = startPeer('quick/bare-echo-peer', preload)
  const port = numberOf(await peer.ask('listen'), 'port')
  return { port, pids: [peer.pid], dialect: 'bare', stop: peer.stop }
}

async function startOurs(bench: Bench, edges: number): Promise<Subject> {
  const folder = await bench.folder()
  const server = await startRusher({ folder, storage: 'sqlite', edges, preload })
  const pids = [server.pid, ...(edges === 0 ? [] : childrenOf(server.pid))]
  return { port: server.port, pids, dialect: 'rusher', stop: server.stop }
}

async function weigh(subject: Subject, count: number): Promise<readonly Weight[]> {
  const holders: Peer[] = []
  const hold = async (prefix: string, sessions: number): Promise<Peer> => {
    const peer = startPeer('quick/session-peer')
    holders.push(peer)
    const { port, dialect } = subject
    const channels = 'chat:a,chat:b'
    await peer.ask('hold', { count: sessions, port, dialect, channels, prefix })
    return peer
  }
  try {
    // What the first sessions cost once, compiled code and modules, is no cost of a session.
    const warm = await hold('warm', warmSessions)
    await warm.stop()
    const empty = await rest(subject.pids)
    await Promise.all(Array.from({ length: peers }, (_, no) => hold(`user-${no}`, count / peers)))
    const full = await rest(subject.pids)
    return subject.pids.map((_, no) => ({
      emptyKb: empty.held[no] ?? 0,
      sessionKb: ((full.standing[no] ?? 0) - (empty.standing[no] ?? 0)) / count,
      heldKb: ((full.held[no] ?? 0) - (empty.held[no] ?? 0)) / count,
    }))
  } finally {
    await subject.stop()
    await Promise.all(holders.map((holder) => holder.stop()))
  }
}

/** Lets processes come to rest, and weighs them as they stand and after their garbage is collected. */
async function rest(
  pids: readonly number[],
): Promise<{ readonly standing: readonly number[]; readonly held: readonly number[] }> {
  await settled(pids)
  const standing = pids.map(rssKbOf)
  for (const pid of pids) process.kill(pid, 'SIGUSR2')
  await settled(pids)
  return { standing, held: pids.map(rssKbOf) }
}
