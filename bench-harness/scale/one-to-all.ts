import { median } from '../compare/median.ts'
import { text } from '../quick/delivery.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { startPeer } from '../quick/peer.ts'
import { type Figures, numbersOf } from '../quick/peer-port.ts'
import { childrenOf } from '../quick/process-figures.ts'
import { startRusher } from '../quick/rusher-server.ts'

const membersMax = 100_000
const membersShort = 2_000
const processes = 6
/** Beyond 14,116 connections to one address Linux takes 0.5 ms to find a port for the next. */
const perAddressMax = 12_000
/** So few members would be no reason for edges, and the figure is about edges. */
const edgesFewMembers = 20_000
const edgesFew = 2
const spareSessions = 1_000
const messages = 10
const warmMessages = 3
const everyMs = 3_000
const lastMaxMs = 1_000
const hearMs = 120_000
const channel = 'chat:all'

/** One message to very many members on several edges: how long until the last of them has it. */
export async function measureOneToAll(bench: Bench): Promise<readonly Figure[]> {
  const asked = bench.given['members'] ?? (bench.short ? membersShort : membersMax)
  const perProcess = Math.ceil(asked / processes)
  const members = perProcess * processes
  const hosts = Math.ceil(members / perAddressMax)
  const server = await startRusher({
    folder: await bench.folder(),
    storage: 'sqlite',
    capacity: members + spareSessions,
    ...(members < edgesFewMembers ? { edges: edgesFew } : {}),
    host: '0.0.0.0',
  })
  const peers = Array.from({ length: processes }, () => startPeer('scale/member-peer'))
  const speaker = startPeer('scale/member-peer')
  const { port } = server
  try {
    const edges = childrenOf(server.pid).length
    bench.progress(`${members} members join, on ${edges} edges`)
    await Promise.all(
      peers.map((peer, no) =>
        peer.ask('join', {
          port,
          hosts,
          count: perProcess,
          prefix: `user-${no}`,
          channels: channel,
        }),
      ),
    )
    bench.progress(`${messages} messages to each of them`)
    const tell = async (turns: number): Promise<readonly Figures[]> => {
      const { acked } = await speaker.ask('speak', {
        port,
        channel,
        text,
        everyMs,
        perTurn: 1,
        turns,
      })
      if (acked !== turns) throw new Error(`${acked} were acknowledged of ${turns}`)
      const heard = { wanted: turns * perProcess, withinMs: hearMs }
      return Promise.all(peers.map((peer) => peer.ask('hear', heard)))
    }
    await tell(warmMessages)
    const lasts = lastsMs(await tell(messages), perProcess)
    const worstMs = Math.max(...lasts)
    return [
      {
        id: 'one-to-all.last',
        name: `one message to ${members.toLocaleString('en-US')} members on ${edges} edges, the last has it`,
        unit: 'ms',
        rusher: worstMs,
        target: { text: `under ${lastMaxMs} ms`, met: worstMs < lastMaxMs },
        note: `the slowest of ${messages} messages, from when it was due, median ${median(lasts).toFixed(0)} ms; ${processes} client processes on the same machine read what the last of them gets`,
        runs: { rusher: lasts },
      },
    ]
  } finally {
    await server.stop()
    await Promise.all([...peers, speaker].map((peer) => peer.stop()))
  }
}

/** For each message, from when it was due to its receipt by the last member of all processes. */
function lastsMs(answers: readonly Figures[], perProcess: number): readonly number[] {
  const stamps = numbersOf(answers[0] ?? {}, 'stamps')
  return stamps.map((stampUs, no) => {
    const lastsUs = answers.map((answer) => {
      const count = numbersOf(answer, 'counts')[no]
      if (numbersOf(answer, 'stamps')[no] !== stampUs || count !== perProcess)
        throw new Error(`${count} of ${perProcess} members have message ${no}`)
      return numbersOf(answer, 'lasts')[no] ?? Number.NaN
    })
    return (Math.max(...lastsUs) - stampUs) / 1_000
  })
}
