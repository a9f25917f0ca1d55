import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../compare/median.ts'
import { rankOf } from '../histogram/histogram.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { startPeer } from '../quick/peer.ts'
import { numberOf } from '../quick/peer-port.ts'
import { cpuSecondsOf } from '../quick/process-figures.ts'
import { startRusher } from '../quick/rusher-server.ts'
import { mergeAnswered } from './packed-histogram.ts'
import { metricOf, readMetrics } from './server-metrics.ts'
import { nowUs } from './stamp.ts'

const processes = 2
const connections = 8
const channels = 1_000
/** So long that what arrived is being filed before it is measured. */
const warmMs = 8_000
const loadMs = 10_000
const roundsMax = 3
/** From when the clients are told of a load until it begins. */
const leadMs = 300
const restMs = 2_000
const aloneMs = 2_000
const delayMaxMs = 5
/** What `/metrics` may take to answer beside a load, without that being a delay of the loop. */
const answerMaxMs = 250
/** Share of the rate that was asked for. */
const reachedMin = 0.99
const text = 'A message of ordinary length, as people write them in a chat.'

export interface Rate {
  readonly perSecond: number
  /** What we promise ourselves of the acknowledgements at this rate. */
  readonly p99MaxMs: number
}

interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuUs: number
  readonly loopDelayMs: number
  readonly lagP99Ms: number
  readonly refused: number
  /** Publishes to a commit, in the mean. */
  readonly perCommit: number
}

/** Durable publishes over sockets as they are due, in an open loop, timed from when each was due. */
export async function measurePublishingRate(bench: Bench, rate: Rate): Promise<readonly Figure[]> {
  const rounds: Measured[] = []
  for (let round = 1; round <= (bench.short ? 1 : roundsMax); round += 1) {
    bench.progress(`${rate.perSecond} durable publishes a second, round ${round}`)
    rounds.push(await publishAt(bench, rate.perSecond))
  }
  const perCommit = Math.max(1, Math.round(median(rounds.map((round) => round.perCommit))))
  bench.progress(`SQLite alone, ${perCommit} rows a transaction`)
  return figuresOf(rate, rounds, perCommit, await alone(bench, perCommit))
}

function figuresOf(
  { perSecond, p99MaxMs }: Rate,
  rounds: readonly Measured[],
  perCommit: number,
  bare: { readonly perSecond: number; readonly cpuUs: number },
): readonly Figure[] {
  const id = `publishing.${perSecond}`
  const at = `at ${perSecond.toLocaleString('en-US')} durable publishes a second`
  const line = (unit: string, of: (measured: Measured) => number) => {
    const runs = { rusher: rounds.map(of) }
    return { unit, runs, rusher: median(runs.rusher) }
  }
  const reached = line('1/s', (measured) => measured.perSecond)
  const p99 = line('ms', ({ p99Ms }) => p99Ms)
  const cpu = line('µs', ({ cpuUs }) => cpuUs)
  const delay = line('ms', ({ loopDelayMs }) => loopDelayMs)
  const lag = median(rounds.map(({ lagP99Ms }) => lagP99Ms))
  const refused = rounds.reduce((sum, round) => sum + round.refused, 0)
  return [
    {
      id: `${id}.rate`,
      name: `acknowledged, ${at}`,
      ...reached,
      bare: bare.perSecond,
      peer: 'SQLite alone',
      ratio: reached.rusher / bare.perSecond,
      target: {
        text: `at least ${reachedMin * 100} % of them, none refused`,
        met: reached.rusher >= reachedMin * perSecond && refused === 0,
      },
      note: `open loop, median of ${rounds.length} rounds; ${connections} connections of ${processes} processes, ${channels} channels, what is due in a tick of 1 ms in one frame a connection; ${refused} refused; ${perCommit} to a commit, and so beside SQLite alone, which has a core for itself`,
    },
    { id: `${id}.p50`, name: `ack p50, ${at}`, ...line('ms', ({ p50Ms }) => p50Ms) },
    {
      id: `${id}.p99`,
      name: `ack p99, ${at}`,
      ...p99,
      target: { text: `under ${p99MaxMs} ms`, met: p99.rusher < p99MaxMs },
      note: `from when each was due; p99 of the clients' own lag, which is part of it, ${lag.toFixed(1)} ms`,
    },
    {
      id: `${id}.cpu`,
      name: `server CPU per publish, ${at}`,
      ...cpu,
      bare: bare.cpuUs,
      peer: 'SQLite alone',
      ratio: cpu.rusher / bare.cpuUs,
    },
    {
      id: `${id}.loop-delay`,
      name: `server loop delay p99, ${at}`,
      ...delay,
      target: { text: `under ${delayMaxMs} ms`, met: delay.rusher < delayMaxMs },
      note: 'rusher_loop_delay_p99_seconds of /metrics',
    },
  ]
}

async function publishAt(bench: Bench, perSecond: number): Promise<Measured> {
  const ms = bench.short ? loadMs / 5 : loadMs
  const server = await startRusher({
    folder: await bench.folder(),
    storage: 'sqlite',
    // One client here stands for very many.
    limits: { sessionPendingMax: 65_536 },
    profile: bench.profile,
  })
  const peers = Array.from({ length: processes }, () => startPeer('scale/rate-peer'))
  const perProcess = connections / processes
  const { pid, port } = server
  try {
    await Promise.all(
      peers.map((peer, no) =>
        peer.ask('open', { port, clients: perProcess, first: no * perProcess }),
      ),
    )
    await pause(restMs)
    const startUs = nowUs() + leadMs * 1_000
    const fromUs = startUs + warmMs * 1_000
    const load = { startUs, fromUs, ms, perSecond, connections, channels, text }
    const answered = Promise.all(peers.map((peer) => peer.ask('publish', load)))
    const [before, after] = await Promise.all([
      look(pid, port, fromUs),
      look(pid, port, fromUs + ms * 1_000),
      answered,
    ])
    const answers = await answered
    const acked = answers.reduce((sum, answer) => sum + numberOf(answer, 'ackedInTime'), 0)
    if (acked === 0)
      throw new Error(`nothing was acknowledged in ${ms} ms of ${perSecond} a second`)
    const latency = mergeAnswered(answers, 'latency')
    const delta = (name: string): number => metricOf(after.text, name) - metricOf(before.text, name)
    const commits = delta('rusher_commit_items_count')
    if (commits === 0)
      throw new Error('the server answered two looks at once: it is too far behind')
    return {
      perSecond: acked / (ms / 1_000),
      p50Ms: rankOf(latency, 0.5),
      p99Ms: rankOf(latency, 0.99),
      cpuUs: ((after.cpuSeconds - before.cpuSeconds) * 1_000_000) / acked,
      // A server that is far behind has had no looks of its own to tell of, but was as late as its answer.
      loopDelayMs: Math.max(
        metricOf(after.text, 'rusher_loop_delay_p99_seconds') * 1_000,
        after.tookMs >= answerMaxMs ? after.tookMs : 0,
      ),
      lagP99Ms: rankOf(mergeAnswered(answers, 'lag'), 0.99),
      refused: answers.reduce((sum, answer) => sum + numberOf(answer, 'refused'), 0),
      perCommit: delta('rusher_commit_items_sum') / commits,
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()))
    await server.stop()
  }
}

interface Look {
  /** Until it was answered. */
  readonly tookMs: number
  readonly cpuSeconds: number
  readonly text: string
}

/** Looks at the server at a time; the loop's delay counts from the look before. */
async function look(pid: number, port: number, atUs: number): Promise<Look> {
  await pause(Math.max(0, (atUs - nowUs()) / 1_000))
  const cpuSeconds = cpuSecondsOf(pid)
  const askedUs = nowUs()
  const text = await readMetrics(port)
  return { cpuSeconds, text, tookMs: (nowUs() - askedUs) / 1_000 }
}

/** The same rows by SQLite with nothing around it. */
async function alone(
  bench: Bench,
  perCommit: number,
): Promise<{ readonly perSecond: number; readonly cpuUs: number }> {
  const peer = startPeer('quick/commit-peer')
  try {
    const ask = (name: string, ms: number, folder: string) =>
      peer.ask('commit', { folder, name, text, channels, perCommit, ms })
    const folder = await bench.folder()
    await ask('warm', aloneMs / 4, folder)
    const before = cpuSecondsOf(peer.pid)
    const perSecond = numberOf(await ask('alone', aloneMs, folder), 'perSecond')
    const rows = (perSecond * aloneMs) / 1_000
    return { perSecond, cpuUs: ((cpuSecondsOf(peer.pid) - before) * 1_000_000) / rows }
  } finally {
    await peer.stop()
  }
}
