import { RusherError } from '../../src/protocol/index.ts'
import { lineLengthMax } from '../control/line-splitter.ts'
import type { Share, Turn } from '../control/messages.ts'
import { clientHostsOf } from '../doctor/client-hosts.ts'
import { planPorts } from '../doctor/plan-ports.ts'
import { destinationsOf } from '../doctor/ports.ts'
import type { OpenedHost } from '../host/open-hosts.ts'
import { type Credentials, credentialsOfWorker, noCredentials } from '../plan/credentials.ts'
import type { Plan } from '../plan/plan.ts'
import { probeConnections } from '../scenario/probe.ts'
import type { OpenHost } from './fleet.ts'

/** Characters of all tokens that are sent to a host: half of the longest message. */
const tokensLengthMax = lineLengthMax / 2

/**
 * Gives every host its workers, and every worker its share. All workers hold the same number of
 * connections, so a host with a greater weight gets more of them. Each host also has a probe, where
 * the dialect has an answer to measure. Throws a `RusherError` (`USAGE`) when a host cannot have
 * its share.
 */
export function shareOut(
  opened: readonly OpenedHost[],
  plan: Plan,
  credentials: Credentials = noCredentials,
): readonly OpenHost[] {
  const { connections, target } = plan
  const hosts = clientHostsOf(
    opened.map(({ entry, line, sources }) => ({ entry, facts: line.facts, sources })),
    { connections, serverIsHere: target.own },
  )
  const counts = hosts.map(({ workers }, index) =>
    Math.max(1, Math.round(workers * (opened[index]?.entry.weight ?? 1))),
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  for (const [index, { entry }] of opened.entries()) {
    const part = Math.ceil((connections * (counts[index] ?? 1)) / total)
    if (entry.max !== undefined && part > entry.max)
      throw new RusherError(
        'USAGE',
        `${entry.name} may hold ${entry.max} connections (max=), and its part is ${part}: give it a smaller weight=, or fewer workers=`,
      )
  }
  const turns = turnsOf(
    counts.map((count, index) => ({ workers: count, cores: opened[index]?.line.facts.cores ?? 1 })),
  )
  const hasProbe = target.dialect !== 'hocuspocus'
  let next = 0
  return opened.map(({ entry, line, sources }, index) => {
    const count = counts[index] ?? 1
    const shares: Share[] = planPorts({
      facts: line.facts,
      workers: count,
      sources,
      destinations: destinationsOf(target.urls).length,
      listening: [],
      connections: Math.ceil((connections * count) / total),
    }).map((ports) => {
      const worker = next
      next += 1
      const turn = turns[worker]
      const own = credentialsOfWorker(credentials, { worker, workers: total, connections })
      return {
        worker,
        workers: total,
        ...(turn === undefined ? {} : { turn }),
        ...ports,
        credentials: own,
      }
    })
    if (hasProbe) {
      const few = { worker: 0, workers: 1, connections: probeConnections }
      const own = credentialsOfWorker(credentials, few)
      const worker = total + index
      shares.push({ worker, workers: total, sources: [], credentials: own, probe: true })
    }
    checkTokens(shares)
    return { name: entry.name, line, facts: line.facts, shares }
  })
}

/** All shares of a host go to it in one message. */
function checkTokens(shares: readonly Share[]): void {
  const tokens = shares.flatMap(({ credentials }) => credentials?.tokens ?? [])
  const length = tokens.reduce((sum, token) => sum + token.length, 0)
  if (length > tokensLengthMax)
    throw new RusherError(
      'USAGE',
      `--tokens: ${length} characters for one host, limit ${tokensLengthMax}; use fewer tokens`,
    )
}

/** Turns of all workers, by their number: on each host as many open their connections at a time as it has processors. */
export function turnsOf(
  hosts: readonly { readonly workers: number; readonly cores: number }[],
): readonly Turn[] {
  const numbers = hosts.flatMap(({ workers, cores }) =>
    Array.from({ length: workers }, (_, index) => Math.floor(index / Math.max(1, cores))),
  )
  const abreast: number[] = []
  const places = numbers.map((number) => {
    const place = abreast[number] ?? 0
    abreast[number] = place + 1
    return place
  })
  return numbers.map((number, worker) => ({
    before: abreast.slice(0, number).reduce((sum, count) => sum + count, 0),
    abreast: abreast[number] ?? 1,
    place: places[worker] ?? 0,
  }))
}
