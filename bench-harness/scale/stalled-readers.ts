import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../compare/median.ts'
import { rankOf } from '../histogram/histogram.ts'
import { text } from '../quick/delivery.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { type Peer, startPeer } from '../quick/peer.ts'
import { rssKbOf } from '../quick/process-figures.ts'
import { type RusherServer, startRusher } from '../quick/rusher-server.ts'
import { mergeAnswered } from './packed-histogram.ts'
import { metricOf, readMetrics } from './server-metrics.ts'

const membersAll = 1_000
const stalledShare = 0.05
const perTurn = 10
const everyMs = 100
const turnsMax = 100
const warmTurns = 20
const roundsMax = 3
const worseMax = 1.2
/** What the server may keep for one who reads nothing: outboxHardBytes. */
const keptMbMax = 1
/** It would send them away after 30 s; here it has to bear them for as long as it is measured. */
const stalledMs = 600_000
const channel = 'chat:a'
/** Only the stalled are in it: what is said here fills their sockets, so that nothing of what is measured finds room there. */
const filling = 'chat:filling'
const fillText = 'x'.repeat(4_000 - 40)
const fillEveryMs = 20
const fillPerTurn = 50
const fillTurns = 20
const fillTriesMax = 20
const sampleMs = 250
const hearMs = 60_000

interface Round {
  readonly p50Ms: number
  readonly p99Ms: number
  /** From before sockets were filled to the most it had during the turns. */
  readonly grownMb: number
}

/** What readers that have stopped reading do to all the others in the room, and to the server's memory. */
export async function measureStalledReaders(bench: Bench): Promise<readonly Figure[]> {
  const turns = bench.short ? turnsMax / 4 : turnsMax
  const rounds = bench.short ? 1 : roundsMax
  const without: Round[] = []
  const beside: Round[] = []
  for (let round = 1; round <= rounds; round += 1) {
    bench.progress(`a room of ${membersAll}, round ${round}: all read, then 5 % do not`)
    without.push(await runRoom(bench, turns, false))
    beside.push(await runRoom(bench, turns, true))
  }
  const stalled = membersAll * stalledShare
  const line = (of: (round: Round) => number) => {
    const runs = { rusher: beside.map(of), bare: without.map(of) }
    const [rusher, bare] = [median(runs.rusher), median(runs.bare)]
    return { rusher, bare, runs, peer: 'none stalled' }
  }
  const p99 = line(({ p99Ms }) => p99Ms)
  const grown = line(({ grownMb }) => grownMb)
  const keptMax = stalled * keptMbMax
  return [
    {
      id: 'stalled.p50',
      name: `delivery p50 to the others, ${stalled} of ${membersAll} stalled`,
      unit: 'ms',
      ...line(({ p50Ms }) => p50Ms),
    },
    {
      id: 'stalled.p99',
      name: `delivery p99 to the others, ${stalled} of ${membersAll} stalled`,
      unit: 'ms',
      ...p99,
      ratio: p99.rusher / p99.bare,
      target: { text: 'within 20 %', met: p99.rusher <= worseMax * p99.bare },
      note: `open loop, ${perTurn} messages every ${everyMs} ms, ${turns} turns, timed from when each turn was due; median of ${rounds} rounds in turn; the stalled had full sockets before the first turn and read nothing`,
    },
    {
      id: 'stalled.memory',
      name: `growth of the server's memory meanwhile`,
      unit: 'MB',
      ...grown,
      target: { text: `at most ${keptMax} MB more`, met: grown.rusher - grown.bare <= keptMax },
      note: `its most during the turns, from before 4 MB were said to each of the ${stalled}, who read it in the other case`,
    },
  ]
}

async function runRoom(bench: Bench, turns: number, stalling: boolean): Promise<Round> {
  const stalled = membersAll * stalledShare
  const server = await startRusher({
    folder: await bench.folder(),
    storage: 'sqlite',
    limits: { stalledMs },
  })
  const [readers, others, speaker] = [
    startPeer('scale/member-peer'),
    startPeer('scale/member-peer'),
    startPeer('scale/member-peer'),
  ]
  const { port } = server
  const join = { port, hosts: 1 }
  const count = membersAll - stalled
  try {
    await readers.ask('join', { ...join, count, prefix: 'reader', channels: channel })
    await others.ask('join', {
      ...join,
      count: stalled,
      prefix: 'other',
      channels: `${channel},${filling}`,
    })
    const say = (turnsSaid: number) =>
      speaker.ask('speak', { port, channel, text, everyMs, perTurn, turns: turnsSaid })
    const hear = (turnsSaid: number) =>
      readers.ask('hear', { wanted: count * turnsSaid * perTurn, withinMs: hearMs })
    await say(warmTurns)
    await hear(warmTurns)
    const beforeKb = rssKbOf(server.pid)
    if (stalling) await fillSockets(others, speaker, server, stalled)
    else await fill(speaker, port)
    const said = say(turns)
    const peakKb = await peakUntil(server.pid, said)
    await said
    const latency = mergeAnswered([await hear(turns)], 'latency')
    return {
      p50Ms: rankOf(latency, 0.5),
      p99Ms: rankOf(latency, 0.99),
      grownMb: Math.max(0, peakKb - beforeKb) / 1_024,
    }
  } finally {
    await server.stop()
    await Promise.all([readers, others, speaker].map((peer) => peer.stop()))
  }
}

/** Has them read nothing, and says so much to them alone that the server has left each to read from the log. */
async function fillSockets(
  others: Peer,
  speaker: Peer,
  { port }: RusherServer,
  stalled: number,
): Promise<void> {
  await others.ask('stall')
  for (let tries = 0; tries < fillTriesMax; tries += 1) {
    await fill(speaker, port)
    const lagged = metricOf(await readMetrics(port), 'rusher_readers_lagged_total')
    if (lagged >= stalled) return
  }
  throw new Error(`sockets that nobody reads were not full after ${fillTriesMax} tries`)
}

function fill(speaker: Peer, port: number): Promise<unknown> {
  const turns = { everyMs: fillEveryMs, perTurn: fillPerTurn, turns: fillTurns }
  return speaker.ask('speak', { port, channel: filling, text: fillText, ...turns })
}

async function peakUntil(pid: number, end: Promise<unknown>): Promise<number> {
  let peakKb = rssKbOf(pid)
  let over = false
  const ended = end.finally(() => {
    over = true
  })
  while (!over) {
    await Promise.race([ended, pause(sampleMs)])
    peakKb = Math.max(peakKb, rssKbOf(pid))
  }
  return peakKb
}
