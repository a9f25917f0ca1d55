import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../compare/median.ts'
import { perTurn, text } from '../quick/delivery.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { type Peer, startPeer } from '../quick/peer.ts'
import { numberOf } from '../quick/peer-port.ts'
import { cpuSecondsOf } from '../quick/process-figures.ts'
import { type RusherServer, startRusher } from '../quick/rusher-server.ts'

const few = 1_000
const manyMax = 15_000
/** Connects that are measured at a level, in this many rounds. They leave after each. */
const probes = 500
const rounds = 4
const atOnce = 64
const deliveriesMax = 3_000_000
const warmTurns = 10
const settleMs = 1_000
/** At the higher level to the lower. */
const worseMax = 1.2
const channel = 'chat:a'

interface Level {
  readonly members: number
  readonly connectMs: readonly number[]
  readonly deliveryUs: number
}

/** Whether one more connect, and one delivery, cost the same in a room of many as in a room of few. */
export async function measureGrowing(bench: Bench): Promise<readonly Figure[]> {
  const many = bench.short ? few * 3 : manyMax
  const server = await startRusher({ folder: await bench.folder(), storage: 'sqlite' })
  const holder = startPeer('quick/session-peer')
  const prober = startPeer('scale/connecting-peer')
  try {
    // Before anything counts, code is compiled.
    await probe(prober, server)
    const low = await measureAt(bench, few, 0, { server, holder, prober })
    const high = await measureAt(bench, many, few, { server, holder, prober })
    return figuresOf(low, high)
  } finally {
    await server.stop()
    await Promise.all([holder.stop(), prober.stop()])
  }
}

function figuresOf(low: Level, high: Level): readonly Figure[] {
  const peer = `at ${low.members.toLocaleString('en-US')}`
  const line = (of: (level: Level) => readonly number[]) => {
    const runs = { rusher: of(high), bare: of(low) }
    const [rusher, bare] = [median(runs.rusher), median(runs.bare)]
    const met = rusher <= worseMax * bare
    const target = { text: `at most ${worseMax} x`, met }
    return { peer, rusher, bare, runs, ratio: rusher / bare, target }
  }
  const members = high.members.toLocaleString('en-US')
  return [
    {
      id: 'growing.connect',
      name: `server CPU per connect with two channels, ${members} members there`,
      unit: 'ms',
      ...line(({ connectMs }) => connectMs),
      note: `median of ${rounds} rounds of ${probes} connects, which leave after each`,
    },
    {
      id: 'growing.delivery',
      name: `server CPU per delivery, ${members} members there`,
      unit: 'µs',
      ...line(({ deliveryUs }) => [deliveryUs]),
      note: `turns of ${perTurn} messages to all of them, the next turn when all have the last`,
    },
  ]
}

interface Parts {
  readonly server: RusherServer
  readonly holder: Peer
  readonly prober: Peer
}

async function measureAt(
  bench: Bench,
  members: number,
  held: number,
  { server, holder, prober }: Parts,
): Promise<Level> {
  bench.progress(`what is one more to ${members} members`)
  const { port, pid } = server
  const dialect = 'rusher'
  const count = members - held
  await holder.ask('hold', { count, port, dialect, channels: channel, prefix: `to-${members}` })
  const connectMs: number[] = []
  for (let round = 0; round < rounds; round += 1) connectMs.push(await probe(prober, server))
  const deliveries = bench.short ? deliveriesMax / 10 : deliveriesMax
  const turns = Math.max(1, Math.round(deliveries / members / perTurn))
  const fanOut = (turnsAsked: number) =>
    holder.ask('fanOut', { port, dialect, turns: turnsAsked, perTurn, text })
  await fanOut(warmTurns)
  const before = cpuSecondsOf(pid)
  const delivered = numberOf(await fanOut(turns), 'delivered')
  const seconds = cpuSecondsOf(pid) - before
  if (delivered !== turns * perTurn * members)
    throw new Error(`${delivered} were delivered of ${turns * perTurn * members}`)
  return { members, connectMs, deliveryUs: (seconds * 1_000_000) / delivered }
}

/** Milliseconds of the server's processor time a connect. Those who came have left when it answers. */
async function probe(prober: Peer, { port, pid }: RusherServer): Promise<number> {
  await pause(settleMs)
  const before = cpuSecondsOf(pid)
  const channels = `${channel},chat:b`
  const connect = { port, dialect: 'rusher', atOnce, count: probes, channels, prefix: 'probe' }
  const held = numberOf(await prober.ask('connect', connect), 'held')
  const seconds = cpuSecondsOf(pid) - before
  if (held !== probes) throw new Error(`${held} are connected of ${probes}`)
  await prober.ask('reset')
  await pause(settleMs)
  return (seconds * 1_000) / probes
}
