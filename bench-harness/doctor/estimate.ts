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
  const each = Math.ceil(connections / (hosts[0]?.workers ?? 1))
  const fits =
    capacity.max >= connections ? 'yes' : capacity.max >= connections / 2 ? 'no' : 'hopeless'
  return {
    fits,
    max: capacity.max,
    openingS,
    lines: [
      `${countText(connections)} connections${serverIsHere ? ' and their server' : ''} on this machine need about:`,
      `  memory       ${bytesText(bytes)}, ${shareText(bytes / (facts.freeBytes * memoryShare))} of what is free`,
      `  descriptors  ${countText(each)} in each of ${countText(hosts[0]?.workers ?? 1)} workers (limit ${countText(facts.descriptorsMax)})`,
      `  CPU          ${secondsText(Math.ceil(cpuS))} of ${countText(facts.cores)} cores to connect, which takes ${secondsText(openingS)} at least`,
      ...(fits === 'yes' ? [] : [capacity.sentence]),
    ],
  }
}
