import type { Second } from '../bundle/bundle.ts'
import type { Began, Evidence } from './evidence.ts'

/** A thread that has a processor for this share of the time has no more to give. */
const busyShare = 0.95
/** Event-loop delay of the server that clients notice; it is measured in steps of 20 ms. */
const loopDelayMsMax = 100
/** So many seconds, or this share of them when there are few, before it is more than a moment. */
const sustainedS = 3
const sustainedShare = 0.2

/**
 * What had no processor time left for long, the load generator or the server, and the earlier of
 * the two. At the same moment it is the load generator.
 */
export function findSaturation(evidence: Evidence): Began | undefined {
  const found = [
    generators(evidence.seconds),
    busyThread(evidence.seconds),
    allProcessors(evidence),
    loopDelay(evidence.seconds),
  ]
  return found.reduce<Began | undefined>(
    (first, next) =>
      next !== undefined && (first === undefined || next.t < first.t) ? next : first,
    undefined,
  )
}

function generators(seconds: readonly Second[]): Began | undefined {
  const reasonsOf = ({ overloaded, noisy }: Second): readonly string[] => [...overloaded, ...noisy]
  const busy = sustained(seconds, (second) => reasonsOf(second).length > 0)
  const [first] = busy
  if (first === undefined) return undefined
  const proof = `${mostFrequent(busy.flatMap(reasonsOf))}; ${share(busy, seconds)}`
  return { t: first.t, limiter: { resource: 'load generator', side: 'clients', proof } }
}

function busyThread(seconds: readonly Second[]): Began | undefined {
  const busy = sustained(seconds, ({ server }) => (server?.busiestThread ?? 0) >= busyShare)
  const [first] = busy
  if (first === undefined) return undefined
  const most = Math.max(...busy.map(({ server }) => server?.busiestThread ?? 0))
  const proof = `the server's busiest thread had ${percent(most)} of a processor; ${share(busy, seconds)}`
  return { t: first.t, limiter: { resource: 'processor', side: 'server', proof } }
}

/**
 * Only where its threads are not seen one by one is the sum held against the number of its
 * processes.
 */
function allProcessors({ seconds, environment }: Evidence): Began | undefined {
  const processes = Number(environment?.server['processes'] ?? Number.NaN)
  const cores = Number(environment?.server['cores'] ?? Number.NaN)
  const isAll = ({ server }: Second): boolean => {
    const { cpu = 0, busiestThread } = server ?? {}
    return cpu >= cores * busyShare || (busiestThread === undefined && cpu >= processes * busyShare)
  }
  const busy = sustained(seconds, isAll)
  const [first] = busy
  if (first === undefined) return undefined
  const most = Math.max(...busy.map(({ server }) => server?.cpu ?? 0))
  const of = most >= cores * busyShare ? `${cores} processors` : `${processes} process(es)`
  const proof = `the server had ${most.toFixed(2)} processors with ${of}; ${share(busy, seconds)}`
  return { t: first.t, limiter: { resource: 'processor', side: 'server', proof } }
}

function loopDelay(seconds: readonly Second[]): Began | undefined {
  const late = sustained(seconds, ({ server }) => (server?.loopDelayP99Ms ?? 0) >= loopDelayMsMax)
  const [first] = late
  if (first === undefined) return undefined
  const most = Math.max(...late.map(({ server }) => server?.loopDelayP99Ms ?? 0))
  const proof = `the server's event loop was ${Math.round(most)} ms late (p99); ${share(late, seconds)}`
  return { t: first.t, limiter: { resource: 'event loop', side: 'server', proof } }
}

/** The seconds of which that holds, if they are enough to matter. */
function sustained(
  seconds: readonly Second[],
  holds: (second: Second) => boolean,
): readonly Second[] {
  const loaded = seconds.filter(({ phase }) => phase !== 'prime' && phase !== 'drain')
  const found = loaded.filter(holds)
  const enough = Math.min(sustainedS, Math.ceil(loaded.length * sustainedShare))
  return found.length >= Math.max(1, enough) ? found : []
}

function share(found: readonly Second[], seconds: readonly Second[]): string {
  return `in ${found.length} of ${seconds.length} s, first at ${found[0]?.t ?? 0} s`
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

/** Reasons differ by their figures; those of one who and what are one. */
function mostFrequent(reasons: readonly string[]): string {
  const counts = new Map<string, { text: string; count: number }>()
  for (const text of reasons) {
    const key = text.replace(/: .*/, '')
    const before = counts.get(key)
    counts.set(key, { text: before?.text ?? text, count: (before?.count ?? 0) + 1 })
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count)
  return most?.text ?? ''
}
