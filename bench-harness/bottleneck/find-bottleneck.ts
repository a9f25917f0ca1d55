import type { Limiter } from '../bundle/bundle.ts'
import type { Cause } from '../ledger/ledger.ts'
import { refusalsFor } from '../server-side/metrics-server-side.ts'
import {
  type CauseSeen,
  causesSeen,
  type Evidence,
  grouped,
  growthOf,
  growthText,
} from './evidence.ts'
import { findSaturation } from './saturation.ts'
import { findStall } from './stall.ts'

/** Causes of less than this share of the failures are not those of the bottleneck. */
const shareMin = 0.1
/** A process that has no more descriptors than this left refuses, or is about to. */
const descriptorsLeftMin = 8
/** Of the connection table: what is in it changes between two looks. */
const trackingShare = 0.98

const backlogCounters = ['ListenOverflows', 'ListenDrops', 'TCPReqQFullDoCookies']
const memoryCounters = ['TCPAbortOnMemory', 'TCPMemoryPressures']

type Explain = (evidence: Evidence, seen: CauseSeen) => Limiter | undefined

/**
 * The bottleneck of a run, on which side it was, and the counter that proves it. `undefined` when
 * there was none: no connection failed and every threshold was met. When there was one and no
 * counter proves which, the side is `unknown` and the proof says what was checked.
 *
 * The cause that connections failed of first leads: each has an order in which its explanations are
 * tried, from a resource that was seen to be used up to a side that merely had no time left.
 */
export function findBottleneck(evidence: Evidence): Limiter | undefined {
  const seen = causesSeen(evidence.seconds)
  const all = seen.reduce((sum, { count }) => sum + count, 0)
  const first = seen.find(({ count }) => count >= all * shareMin)
  if (first === undefined)
    return evidence.missed
      ? ((findStall(evidence.seconds) ?? findSaturation(evidence))?.limiter ??
          nothingProves(evidence))
      : undefined
  for (const explain of explanationsOf(first.cause)) {
    const limiter = explain(evidence, first)
    if (limiter !== undefined) return limiter
  }
  return nothingProves(evidence, first)
}

function explanationsOf(cause: Cause): readonly Explain[] {
  const ofServer = [serverEnded, serverDescriptors, tcpMemory, connectionTracking]
  switch (cause) {
    case 'src_ports':
      return [sourcePorts]
    case 'emfile':
    case 'enfile':
    case 'enobufs':
    case 'enomem':
    case 'worker_died':
      return [ownSide]
    case 'dns':
    case 'unreachable':
      return [network]
    case 'http_503':
    case 'closed_4100':
      return [serverEnded, serverDescriptors, turnedAway]
    case 'http_429':
    case 'closed_4101':
      return [rateLimit]
    case 'connect_timeout':
    case 'refused':
    case 'reset_before_upgrade':
    case 'upgrade_timeout':
      return [...ofServer, backlog, stalled, saturated, lostPackets]
    default:
      return [...ofServer, stalled, saturated]
  }
}

const sourcePorts: Explain = ({ seconds }, { cause, count, t }) => {
  const without = seconds.flatMap(({ hosts }) => hosts).find(({ portsLeft }) => portsLeft === 0)
  const where = without === undefined ? '' : `; ${without.name} had none left`
  return limiterOf(
    'source ports',
    'clients',
    `${grouped(count)} attempts got no source port (${cause}), the first at ${t} s${where}`,
  )
}

const ownSideTexts: Readonly<Partial<Record<Cause, readonly [resource: string, text: string]>>> = {
  emfile: ['descriptors', 'attempts found the process out of descriptors (EMFILE)'],
  enfile: ['open files of the machine', 'attempts found the machine out of open files (ENFILE)'],
  enobufs: ['kernel memory', 'attempts got no buffer from the kernel (ENOBUFS)'],
  enomem: ['kernel memory', 'attempts got no memory from the kernel (ENOMEM)'],
  worker_died: ['worker process', 'connections were those of a worker that died'],
}

const ownSide: Explain = ({ seconds }, { cause, count, t }) => {
  const [resource, text] = ownSideTexts[cause] ?? [cause, `attempts failed with ${cause}`]
  const tight = seconds
    .flatMap(({ hosts }) => hosts)
    .find(({ descriptorsLeft }) => descriptorsLeft <= descriptorsLeftMin)
  const where =
    cause === 'emfile' && tight !== undefined
      ? `; ${tight.name} had ${tight.descriptorsLeft} left`
      : ''
  return limiterOf(resource, 'clients', `${grouped(count)} ${text}, the first at ${t} s${where}`)
}

const network: Explain = (_, { cause, count, t }) =>
  limiterOf(
    cause === 'dns' ? 'name lookup' : 'route to the server',
    'network',
    `${grouped(count)} attempts failed with ${cause}, the first at ${t} s`,
  )

const serverEnded: Explain = ({ events }, { t }) => {
  const ended = events.find(({ kind, text }) => kind === 'server' && /ended|died|killed/.test(text))
  // The connections of a server that ends fail within the next seconds, not before.
  if (ended === undefined || ended.ms / 1_000 > t + 1) return undefined
  return limiterOf('server process', 'server', ended.text)
}

const serverDescriptors: Explain = ({ seconds }, { cause, count }) => {
  const tight = seconds.find(
    ({ server }) => (server?.descriptorsLeft ?? Number.POSITIVE_INFINITY) <= descriptorsLeftMin,
  )
  if (tight?.server?.descriptorsLeft === undefined) return undefined
  return limiterOf(
    'descriptors',
    'server',
    `a process of the server had ${tight.server.descriptorsLeft} descriptors left at ${tight.t} s (${cause} ${grouped(count)})`,
  )
}

/** What a Rusher says of why it refused; a server that says nothing is taken to be full. */
const turnedAwayTexts: Readonly<Record<string, string>> = {
  full: "the server's own limit of sessions",
  rate: "the server's own limit of new connections a second",
  handshakes: 'whoever looks up tokens and first channels for the server',
  late: 'time to take new connections',
  draining: 'the server process, which was draining',
}

const turnedAway: Explain = ({ seconds }, { cause, count, t }) => {
  const sessions = Math.max(0, ...seconds.map(({ server }) => server?.sessions ?? 0))
  const ready = Math.max(0, ...seconds.map(({ ledger }) => ledger.now.ready))
  const held = sessions > 0 ? `${grouped(sessions)} sessions` : `${grouped(ready)} ready`
  const [most] = Object.keys(turnedAwayTexts)
    .map((reason) => ({ reason, counter: refusalsFor(reason) }))
    .map((one) => ({ ...one, growth: growthOf(seconds, one.counter) }))
    .toSorted((a, b) => b.growth - a.growth)
  const isTold = most !== undefined && most.growth > 0
  const told = isTold ? `; ${most.counter} +${grouped(most.growth)}` : ''
  return limiterOf(
    turnedAwayTexts[isTold ? most.reason : 'full'] ?? cause,
    'server',
    `it refused ${grouped(count)} with ${cause}, the first at ${t} s; it held ${held} at most${told}`,
  )
}

const rateLimit: Explain = (_, { cause, count, t }) =>
  limiterOf(
    "the server's own rate limit",
    'server',
    `it refused ${grouped(count)} with ${cause}, the first at ${t} s`,
  )

const tcpMemory: Explain = ({ seconds }) => {
  const grown = growthText(seconds, memoryCounters)
  return grown === ''
    ? undefined
    : limiterOf('TCP memory', 'server', `${grown} on the server's machine`)
}

const backlog: Explain = ({ seconds }, { cause, count }) => {
  const grown = growthText(seconds, [...backlogCounters, 'TCPSynRetrans'])
  if (!backlogCounters.some((name) => growthOf(seconds, name) > 0)) return undefined
  return limiterOf(
    'accept backlog',
    'server',
    `${grown} on the server's machine (${cause} ${grouped(count)})`,
  )
}

const connectionTracking: Explain = ({ seconds, environment }, { cause, count }) => {
  for (const { name, facts } of environment?.hosts ?? []) {
    const max = Number(facts.sysctls['net.netfilter.nf_conntrack_max'] ?? Number.NaN)
    const most = Math.max(
      0,
      ...seconds.map(({ hosts }) => hosts.find((host) => host.name === name)?.ready ?? 0),
    )
    // A table in which nothing was before the run, though somebody spoke to the host, is not in use.
    if (facts.conntrack && facts.conntrack + most >= max * trackingShare)
      return limiterOf(
        'connection tracking',
        'clients',
        `nf_conntrack_max is ${grouped(max)} on ${name}, which had ${grouped(most)} connections and ${grouped(facts.conntrack)} entries before (${cause} ${grouped(count)})`,
      )
  }
  return undefined
}

const stalled: Explain = ({ seconds }, { cause, count }) => {
  const found = findStall(seconds)?.limiter
  return found && { ...found, proof: `${found.proof} (${cause} ${grouped(count)})` }
}

const saturated: Explain = (evidence, { cause, count }) => {
  const found = findSaturation(evidence)?.limiter
  return found && { ...found, proof: `${found.proof} (${cause} ${grouped(count)})` }
}

const lostPackets: Explain = ({ seconds }, { cause, count }) => {
  const retransmitted = growthOf(seconds, 'TCPSynRetrans')
  if (retransmitted === 0) return undefined
  return limiterOf(
    'packets lost on the way',
    'network',
    `TCPSynRetrans +${grouped(retransmitted)} without ListenOverflows (${cause} ${grouped(count)})`,
  )
}

function nothingProves({ seconds }: Evidence, seen?: CauseSeen): Limiter {
  const what =
    seen === undefined
      ? 'a threshold was not met'
      : `${grouped(seen.count)} failed with ${seen.cause}, the first at ${seen.t} s`
  const isSeen = seconds.some(
    ({ server }) => server !== undefined && Object.keys(server).length > 0,
  )
  const looked = isSeen
    ? 'no counter of clients or server moved that would explain it'
    : 'the server was not looked at (--server [user@]host)'
  return limiterOf('unknown', 'unknown', `${what}; ${looked}`)
}

function limiterOf(resource: string, side: Limiter['side'], proof: string): Limiter {
  return { resource, side, proof }
}
