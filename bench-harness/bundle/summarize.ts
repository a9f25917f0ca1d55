import { type Counters, type LatencyKind, latencyKinds, noCounters } from '../control/messages.ts'
import {
  type EncodedHistogram,
  mergeEncoded,
  type Percentiles,
  percentilesOf,
} from '../histogram/histogram.ts'
import { emptyLedger, failuresOf, imbalanceOf, type Ledger } from '../ledger/ledger.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'
import type { Result, Second, ServerSecond } from './bundle.ts'
import { sessionMemoryOf } from './session-memory.ts'

/** The parts of a result that follow from the seconds alone. */
export type Summary = Pick<
  Result,
  'ledger' | 'peak' | 'tsung' | 'latency' | 'messages' | 'rates' | 'health' | 'server' | 'memory'
>

/** Connecting is measured while connections are opened, which is before `measure` begins. */
const kindsOfWholeRun: ReadonlySet<LatencyKind> = new Set(['tcp', 'upgrade', 'ready'])

/**
 * Works out a run's figures from its seconds. Histograms and counters are added up, the ledger is the last second's. A figure that nothing
 * was recorded of is absent.
 */
export function summarize(plan: Plan, seconds: readonly Second[]): Summary {
  const measured = seconds.filter(({ phase }) => phase === 'measure')
  const server = serverOf(seconds, measured)
  const memory = sessionMemoryOf(plan, seconds)
  return {
    ledger: ledgerOf(seconds),
    peak: peakOf(seconds),
    tsung: tsungOf(seconds),
    latency: latencyOf(seconds),
    messages: addCounters(seconds),
    rates: ratesOf(measured),
    health: healthOf(measured),
    ...(server === undefined ? {} : { server }),
    ...(memory === undefined ? {} : { memory }),
  }
}

/**
 * What the percentiles of a kind of latency are of, merged bucket by bucket. In `drain` nothing new
 * is sent: what is recorded then are late answers, and waits that did not end. Runs in which no
 * worker told what it held are of an earlier version, which left `drain` out.
 */
export function measuredHistogramOf(
  seconds: readonly Second[],
  kind: LatencyKind,
): EncodedHistogram {
  if (kindsOfWholeRun.has(kind)) return histogramOf(seconds, kind)
  const isDrainTold = seconds.some(({ held }) => held !== undefined)
  const phases: readonly PhaseName[] = isDrainTold ? ['measure', 'drain'] : ['measure']
  return histogramOf(
    seconds.filter(({ phase }) => phases.includes(phase)),
    kind,
  )
}

/** What was recorded of a kind of latency in some seconds, merged bucket by bucket. */
export function histogramOf(seconds: readonly Second[], kind: LatencyKind): EncodedHistogram {
  return mergeEncoded(seconds.flatMap(({ histograms }) => histograms[kind] ?? []))
}

/** Sockets that Tsung would call connected: all that were opened and are not yet gone, upgraded or not. */
export function openSockets({ now }: Ledger): number {
  return now.tcp + now.ws + now.ready + now.closing
}

/** What Tsung calls users: begun and not ended. */
export function usersOf(ledger: Ledger): number {
  return ledger.scheduled - ledger.closed - failuresOf(ledger)
}

/** The second with the most ready connections; of several, the one with the most alive, and then one that the server was asked in. */
export function peakSecond(seconds: readonly Second[]): Second | undefined {
  const rank = ({ ledger, server }: Second): readonly number[] => [
    ledger.now.ready,
    ledger.alive,
    Number(server?.sessions !== undefined),
    Number(server?.kernel !== undefined),
  ]
  return seconds.reduce<Second | undefined>(
    (best, second) => (best === undefined || isHigher(rank(second), rank(best)) ? second : best),
    undefined,
  )
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0)
}

function ledgerOf(seconds: readonly Second[]): Summary['ledger'] {
  const last = seconds.at(-1)?.ledger ?? emptyLedger
  const { tcp, ws, ready } = last.reached
  return {
    scheduled: last.scheduled,
    tcp,
    ws,
    ready,
    closed: last.closed,
    failed: last.failed,
    lost: last.lost,
    balanced: seconds.every(({ ledger }) => imbalanceOf(ledger) === 0),
  }
}

function peakOf(seconds: readonly Second[]): Summary['peak'] {
  const second = peakSecond(seconds)
  if (second === undefined) return { ready: 0, alive: 0 }
  const { sessions, kernel } = second.server ?? {}
  const { ready } = second.ledger.now
  return {
    ready,
    alive: second.ledger.alive,
    ...heldOf(seconds, ready),
    ...(sessions === undefined ? {} : { server: sessions }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(second.probes === undefined ? {} : { probes: second.probes }),
  }
}

/**
 * Where no worker has told what it held, since the run was cut short, those that were not lost when
 * `measure` ended.
 */
function heldOf(seconds: readonly Second[], ready: number): { readonly held?: number } {
  const told = seconds.flatMap(({ held }) => held ?? [])
  if (told.length > 0)
    return {
      held: Math.min(
        ready,
        told.reduce((sum, held) => sum + held, 0),
      ),
    }
  const end = seconds.findLast(({ phase }) => phase === 'measure')
  return end === undefined ? {} : { held: Math.min(ready, usersOf(end.ledger)) }
}

function tsungOf(seconds: readonly Second[]): Summary['tsung'] {
  return {
    users: most(seconds, ({ ledger }) => usersOf(ledger)),
    connected: most(seconds, ({ ledger }) => openSockets(ledger)),
  }
}

function most(seconds: readonly Second[], figure: (second: Second) => number): number {
  return seconds.reduce((found, second) => Math.max(found, figure(second)), 0)
}

function latencyOf(seconds: readonly Second[]): Summary['latency'] {
  const found: [LatencyKind, Percentiles][] = latencyKinds.flatMap((kind) => {
    const merged = measuredHistogramOf(seconds, kind)
    return merged.n === 0 ? [] : [[kind, percentilesOf(merged)]]
  })
  return Object.fromEntries(found)
}

function addCounters(seconds: readonly Second[]): Counters {
  const keys = Object.keys(noCounters) as (keyof Counters)[]
  const sums = keys.map((key) => [
    key,
    seconds.reduce((sum, { counters }) => sum + counters[key], 0),
  ])
  return Object.fromEntries(sums) as Counters
}

function ratesOf(measured: readonly Second[]): Summary['rates'] {
  const { sent, delivered } = addCounters(measured)
  const each = (count: number) => (measured.length === 0 ? 0 : round(count / measured.length, 1))
  return { sent: each(sent), delivered: each(delivered) }
}

function healthOf(measured: readonly Second[]): Summary['health'] {
  const overloaded = measured.filter((second) => second.overloaded.length > 0)
  const noisy = measured.filter((second) => second.noisy.length > 0)
  return {
    seconds: measured.length,
    overloaded: overloaded.length,
    reasons: worstOfEach(overloaded.flatMap((second) => second.overloaded)),
    noisy: noisy.length,
    noise: worstOfEach(noisy.flatMap((second) => second.noisy)),
  }
}

/** Reasons that differ only in a figure are one reason; the worst is kept. */
function worstOfEach(reasons: readonly string[]): string[] {
  const figure = /\d+(?:\.\d+)?(?= (?:%|ms))/
  const worst = new Map<string, { readonly value: number; readonly text: string }>()
  for (const text of reasons) {
    const key = text.replace(figure, '')
    const value = Number(figure.exec(text)?.[0] ?? 0)
    if (value > (worst.get(key)?.value ?? -1)) worst.set(key, { value, text })
  }
  return [...worst.values()].map(({ text }) => text)
}

function serverOf(
  seconds: readonly Second[],
  measured: readonly Second[],
): Summary['server'] | undefined {
  const shares = (measured.length > 0 ? measured : seconds).flatMap(
    ({ server }) => server?.cpu ?? [],
  )
  const rss = seconds.flatMap(({ server }) => server?.rssBytes ?? [])
  const bytesPerConnection = bytesPerConnectionOf(seconds)
  const found = {
    ...(shares.length === 0
      ? {}
      : { cpuMean: round(shares.reduce((sum, share) => sum + share, 0) / shares.length, 3) }),
    ...(rss.length === 0 ? {} : { rssBytes: rss.reduce((a, b) => Math.max(a, b), 0) }),
    ...(bytesPerConnection === undefined ? {} : { bytesPerConnection }),
  }
  return Object.keys(found).length === 0 ? undefined : found
}

/**
 * Growth of the server's memory, and the kernel's, from the first second that tells it to the one with the most ready, by the growth in
 * ready connections. Absent when either did not grow. On one machine the kernel's part holds both ends of every socket.
 */
function bytesPerConnectionOf(seconds: readonly Second[]): number | undefined {
  const told = seconds.filter(({ server }) => server?.rssBytes !== undefined)
  const [first] = told
  const peak = peakSecond(told)
  if (first?.server === undefined || peak?.server === undefined) return undefined
  const connections = peak.ledger.now.ready - first.ledger.now.ready
  const bytes = memoryGrowth(first.server, peak.server)
  return connections > 0 && bytes > 0 ? Math.round(bytes / connections) : undefined
}

function memoryGrowth(from: ServerSecond, to: ServerSecond): number {
  const keys = ['rssBytes', 'slabBytes', 'tcpMemoryBytes'] as const
  return keys.reduce((sum, key) => {
    const [before, after] = [from[key], to[key]]
    return before === undefined || after === undefined ? sum : sum + after - before
  }, 0)
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
