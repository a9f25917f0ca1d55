import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../compare/median.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { startPeer } from '../quick/peer.ts'
import { numberOf } from '../quick/peer-port.ts'
import { childrenOf, cpuSecondsOf } from '../quick/process-figures.ts'
import { startRusher } from '../quick/rusher-server.ts'

/** All of a wave are connected together, and cut off before the next. */
const waveMax = 10_000
/** The first ones are not counted: a server that has just started compiles its own code meanwhile. */
const warmWaves = 2
const countedWaves = 3
const clients = 2
const atOnce = 64
const shareMin = 0.7
const roundsMax = 3
const settleMs = 1_000

interface Subject {
  readonly port: number
  readonly pids: readonly number[]
  readonly dialect: 'rusher' | 'bare'
  stop(): Promise<void>
}

interface Connected {
  readonly perSecond: number
  /** Milliseconds of processor time a connect: all processes of the server, and each. */
  readonly cpuMs: number
  readonly cpuMsEach: readonly number[]
}

/** How many sessions a second come in, connected and in two channels, beside plain upgrades that nothing follows. */
export async function measureConnecting(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const edges of [0, 2]) figures.push(...(await compare(bench, edges)))
  return figures
}

async function compare(bench: Bench, edges: number): Promise<readonly Figure[]> {
  const rounds = bench.short ? 1 : roundsMax
  const count = bench.short ? waveMax / 10 : waveMax
  const bare: Connected[] = []
  const ours: Connected[] = []
  for (let round = 1; round <= rounds; round += 1) {
    bench.progress(
      `connecting ${count} at a time, ${edges} edges, round ${round}: bare, then rusher serve`,
    )
    bare.push(await connectMany(await startBare(Math.max(1, edges)), count))
    ours.push(await connectMany(await startOurs(bench, edges), count))
  }
  return figuresOf(edges, count, ours, bare)
}

function figuresOf(
  edges: number,
  count: number,
  ours: readonly Connected[],
  bare: readonly Connected[],
): readonly Figure[] {
  const id = edges === 0 ? 'connecting.one' : `connecting.edges-${edges}`
  const shape = edges === 0 ? 'one process' : `--edges ${edges}`
  const how = `${countedWaves} waves of ${count} connects from ${clients} processes, each with ${atOnce} under way, after ${warmWaves} that are not counted; closed loop; connect and join come with the upgrade`
  const line = (
    name: string,
    unit: string,
    of: (connected: Connected) => number,
  ): Omit<Figure, 'id'> => {
    const runs = { rusher: ours.map(of), bare: bare.map(of) }
    const [rusher, beside] = [median(runs.rusher), median(runs.bare)]
    return { name, unit, rusher, bare: beside, ratio: rusher / beside, runs }
  }
  const rate = line(`connects with a join of two channels, ${shape}`, '1/s', (c) => c.perSecond)
  const cpu = line(`server CPU per such connect, ${shape}`, 'ms', (c) => c.cpuMs)
  const each = (ours[0]?.cpuMsEach ?? []).map((_, no) =>
    median(ours.map(({ cpuMsEach }) => cpuMsEach[no] ?? 0)).toFixed(3),
  )
  return [
    {
      ...rate,
      id: `${id}.rate`,
      target: { text: `at least ${shareMin * 100} % of bare`, met: (rate.ratio ?? 0) >= shareMin },
      note: `median of ${ours.length} rounds in turn; ${how}`,
    },
    {
      ...cpu,
      id: `${id}.cpu`,
      ...(edges === 0 ? {} : { note: `core ${each[0]}, edges ${each.slice(1).join(' and ')}` }),
    },
  ]
}

async function startBare(processes: number): Promise<Subject> {
  const peers = Array.from({ length: processes }, () => startPeer('scale/bare-upgrade-peer'))
  let port = 0
  for (const peer of peers) port = numberOf(await peer.ask('listen', { port }), 'port')
  return {
    port,
    pids: peers.map(({ pid }) => pid),
    dialect: 'bare',
    async stop() {
      await Promise.all(peers.map((peer) => peer.stop()))
    },
  }
}

async function startOurs(bench: Bench, edges: number): Promise<Subject> {
  const server = await startRusher({
    folder: await bench.folder(),
    storage: 'sqlite',
    edges,
    profile: bench.profile,
  })
  const { pid, port, stop } = server
  return { port, pids: [pid, ...(edges === 0 ? [] : childrenOf(pid))], dialect: 'rusher', stop }
}

async function connectMany(
  { port, pids, dialect, stop }: Subject,
  count: number,
): Promise<Connected> {
  const peers = Array.from({ length: clients }, () => startPeer('scale/connecting-peer'))
  async function wave(): Promise<{ seconds: number; cpuSeconds: readonly number[] }> {
    const before = pids.map(cpuSecondsOf)
    const answers = await Promise.all(
      peers.map((peer, no) =>
        peer.ask('connect', {
          port,
          dialect,
          atOnce,
          count: count / clients,
          channels: 'chat:a,chat:b',
          prefix: `user-${no}`,
        }),
      ),
    )
    const cpuSeconds = pids.map((pid, no) => cpuSecondsOf(pid) - (before[no] ?? 0))
    const held = answers.reduce((sum, answer) => sum + numberOf(answer, 'held'), 0)
    if (held !== count) throw new Error(`${held} are connected of ${count}`)
    const from = Math.min(...answers.map((answer) => numberOf(answer, 'startedUs')))
    const to = Math.max(...answers.map((answer) => numberOf(answer, 'endedUs')))
    await Promise.all(peers.map((peer) => peer.ask('reset')))
    await pause(settleMs)
    return { seconds: (to - from) / 1_000_000, cpuSeconds }
  }
  try {
    for (let no = 0; no < warmWaves; no += 1) await wave()
    const waves = [await wave()]
    while (waves.length < countedWaves) waves.push(await wave())
    const total = count * waves.length
    const cpuMsEach = pids.map(
      (_, no) => (waves.reduce((sum, one) => sum + (one.cpuSeconds[no] ?? 0), 0) * 1_000) / total,
    )
    return {
      perSecond: total / waves.reduce((sum, { seconds }) => sum + seconds, 0),
      cpuMs: cpuMsEach.reduce((sum, ms) => sum + ms, 0),
      cpuMsEach,
    }
  } finally {
    await stop()
    await Promise.all(peers.map((peer) => peer.stop()))
  }
}
