import type { Dialect } from './dialects.ts'
import type { Bench, Figure } from './figure.ts'
import { startPeer } from './peer.ts'
import { numberOf } from './peer-port.ts'
import { cpuSecondsOf } from './process-figures.ts'
import { startRusher } from './rusher-server.ts'

/** Members of the room. */
export const members = 1_000
/** Messages of a turn. */
export const perTurn = 10
export const turnsMax = 200
const warmTurns = 15
/** Makes an event of about 200 bytes of JSON. */
export const text = 'A message of ordinary length, as people write them in a chat.'
const factorMin = 5

/** A server that delivers what its members' asker has it deliver. */
export interface Subject {
  readonly pid: number
  readonly port: number
  readonly dialect: Dialect
  stop(): Promise<void>
}

/** What the server pays for one message that reaches one member, in processor time. */
export async function measureDelivery(bench: Bench): Promise<readonly Figure[]> {
  const turns = bench.short ? turnsMax / 10 : turnsMax
  bench.progress(`${turns} turns of ${perTurn} messages to ${members} members, plain ws.send`)
  const bare = await deliver(await startBareFanOut(), { turns, text })
  const figures: Figure[] = []
  for (const storage of ['sqlite', 'memory'] as const) {
    bench.progress(`the same by rusher serve, ${storage}`)
    const server = await startRusher({ folder: await bench.folder(), storage })
    const ours = await deliver({ ...server, dialect: 'rusher' }, { turns, text })
    figures.push({
      id: `delivery.${storage}`,
      name: `server CPU per delivered message, ${storage === 'sqlite' ? 'SQLite with FULL' : 'memory'}`,
      unit: 'µs',
      rusher: ours,
      bare,
      ratio: ours / bare,
      ...(storage === 'sqlite'
        ? { target: { text: 'at most 1/5 of bare', met: ours * factorMin <= bare } }
        : {}),
      note: `${turns} turns of ${perTurn} messages to ${members} members, one turn at a time`,
    })
  }
  return figures
}

/** The plain way to tell everybody everything. */
export async function startBareFanOut(): Promise<Subject> {
  const peer = startPeer('quick/bare-fan-out-peer')
  const port = numberOf(await peer.ask('listen'), 'port')
  return { pid: peer.pid, port, dialect: 'bare', stop: peer.stop }
}

/** Microseconds of the server's processor time a delivery: turns of `perTurn` messages to `members`, who all have a turn before the next. It stops the server. */
export async function deliver(
  { pid, port, dialect, stop }: Subject,
  { turns, text }: { readonly turns: number; readonly text: string },
): Promise<number> {
  const peer = startPeer('quick/session-peer')
  try {
    await peer.ask('hold', { count: members, port, dialect, channels: 'chat:a', prefix: 'user' })
    await peer.ask('fanOut', { port, dialect, turns: warmTurns, perTurn, text })
    const before = cpuSecondsOf(pid)
    const { delivered } = await peer.ask('fanOut', { port, dialect, turns, perTurn, text })
    const seconds = cpuSecondsOf(pid) - before
    if (delivered !== turns * perTurn * members) {
      throw new Error(`${delivered} were delivered of ${turns * perTurn * members}`)
    }
    return (seconds * 1_000_000) / delivered
  } finally {
    await stop()
    await peer.stop()
  }
}
