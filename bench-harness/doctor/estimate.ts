import type { HostFacts } from '../control/messages.ts'
import { bytesText, countText, secondsText, shareText } from '../report/figures.ts'
import { memoryOf, memoryShare } from './capacity.ts'
import { clientHostsOf } from './client-hosts.ts'
import { examine } from './doctor.ts'

/**
 * CPU time that connecting takes, measured on two cores of 2026, in milliseconds per connection: of
 * the clients alone, and with a server on the same machine.
 */
const cpuMsOf = { client: 0.4, both: 0.9 } as const

/** What a run on this machine will need, before anything is started. */
export interface Estimate {
  /** Whether the machine can hold the connections; `hopeless`: not even half of them. */
  readonly fits: 'yes' | 'no' | 'hopeless'
  /** The most connections that it can hold, as far as is known. */
  readonly max: number
  /** Seconds in which the connections can be opened, at best. */
  readonly openingS: number
  /** Lines of at most 80 columns, but for the last one, which says what limits. */
  readonly lines: readonly string[]
}

export function estimateOf(asked: {
  readonly connections: number
  readonly arrivalsPerSecond: number
  /** The server is on this machine. */
  readonly serverIsHere: boolean
  /** Addresses that are dialled. */
  readonly urls: readonly string[]
  readonly facts: HostFacts
}): Estimate {
  const { connections, arrivalsPerSecond, serverIsHere, urls, facts } = asked
  const hosts = clientHostsOf([{ entry: { name: 'this machine' }, facts, sources: [] }], {
    connections,
    serverIsHere,
  })
  const { capacity } = examine({ hosts, urls, connections })
  const ends = serverIsHere ? 'both' : 'client'
  const cpuS = (connections * cpuMsOf[ends]) / 1_000
  const openingS = Math.ceil(Math.max(connections / arrivalsPerSecond, cpuS / facts.cores))
  const bytes = connections * memoryOf[ends]
  const workers = hosts[0]?.workers ?? 1
  const each = Math.ceil(connections / workers)
  const subject = `connections${serverIsHere ? ' and their server' : ''} on this machine`
  const memory = `${bytesText(bytes)}, ${shareText(bytes / (facts.freeBytes * memoryShare))}`
  const limit = `(limit ${countText(facts.descriptorsMax)})`
  const cpu = `${secondsText(Math.ceil(cpuS))} of ${countText(facts.cores)} cores`
  const fits =
    capacity.max >= connections ? 'yes' : capacity.max >= connections / 2 ? 'no' : 'hopeless'
  return {
    fits,
    max: capacity.max,
    openingS,
    lines: [
      `${countText(connections)} ${subject} need about:`,
      `  memory       ${memory} of what is free`,
      `  descriptors  ${countText(each)} in each of ${countText(workers)} workers ${limit}`,
      `  CPU          ${cpu} to connect, which takes ${secondsText(openingS)} at least`,
      ...(fits === 'yes' ? [] : [capacity.sentence]),
    ],
  }
}
