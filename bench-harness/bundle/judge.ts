import type { LatencyKind } from '../control/messages.ts'
import type { PercentileName, Percentiles } from '../histogram/histogram.ts'
import { clientCauses } from '../ledger/client-causes.ts'
import type { Cause } from '../ledger/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import { parseSlo, type SloTerm } from '../plan/slo.ts'
import type { HistoryVerdict, Result } from './bundle.ts'
import type { Summary } from './summarize.ts'

/** What the figures of a run come to. Exit codes beyond these are not for figures to decide. */
export interface Judgement {
  readonly verdict: Result['verdict']
  readonly exitCode: 0 | 1 | 10 | 11
  readonly reasons: readonly string[]
  readonly slo: Result['slo']
}

/** What is held against a run that was given no objectives. */
export const defaultSlo: readonly SloTerm[] = parseSlo('ready>=99.9% loss=0')

/**
 * Judges a run. 1: the books do not balance; 11: the load generator could not keep its schedule in
 * too many measured seconds, or a worker died; 10: an objective was not met, or the history has a
 * fault; 0: pass. The first of these that holds decides, and the reasons name all. Only an
 * objective of `loss` can allow a fault in the history. `headline` is the kind of latency of
 * objectives that name none.
 */
export function judge(
  plan: Plan,
  summary: Summary,
  history: HistoryVerdict,
  headline: LatencyKind,
): Judgement {
  const thresholds = plan.slo.length > 0 ? plan.slo : defaultSlo
  const terms = thresholds.map((term) => judgeTerm(term, plan, summary, history, headline))
  const slo = terms.map(({ reason: _, ...term }) => term)
  const missed = terms.filter(({ met }) => !met)
  const faults = faultsOf(history)
  const books = summary.ledger.balanced
    ? []
    : ['the books do not balance: some attempt is in no place, or in two; no figure can be trusted']
  const generator = generatorReasons(plan, summary)
  const server = [
    ...missed.map(({ reason }) => reason),
    ...(faults > 0 && !thresholds.some(({ figure }) => figure === 'loss')
      ? [historyReason(history)]
      : []),
  ]
  const reasons = [...books, ...generator, ...server]
  if (books.length > 0) return { verdict: 'invalid', exitCode: 1, reasons, slo }
  if (generator.length > 0) return { verdict: 'invalid', exitCode: 11, reasons, slo }
  const noise = noiseReasons(summary)
  if (server.length > 0)
    return { verdict: 'fail', exitCode: 10, reasons: [...reasons, ...noise], slo }
  const met = terms.map(({ reason }) => reason)
  return { verdict: 'pass', exitCode: 0, reasons: [...met, ...noise], slo }
}

/** Faults in a history, of every kind. */
export function faultsOf(history: HistoryVerdict): number {
  const { lost, unanswered, duplicated, gaps, disordered } = history
  return lost + unanswered + duplicated + gaps + disordered
}

/** Noisy seconds beyond which the words of a verdict say so. */
const noisyShareMax = 0.1

/**
 * Whether other work on the clients' machines was in the way for so long that latencies may be its
 * own. The verdict holds all the same.
 */
export function isNoisy({ seconds, noisy }: Result['health']): boolean {
  return noisy > seconds * noisyShareMax
}

function generatorReasons(plan: Plan, { health, ledger }: Summary): string[] {
  const died = ledger.failed.worker_died ?? 0
  const deaths =
    died === 0 ? [] : [`load generator: workers died, and ${died} connections with them`]
  if (health.overloaded <= health.seconds * plan.health.overloadedShareMax) return deaths
  return [
    ...deaths,
    `load generator overloaded in ${health.overloaded} of ${health.seconds} measured seconds`,
    ...health.reasons,
  ]
}

function noiseReasons({ health }: Summary): string[] {
  if (!isNoisy(health)) return []
  return [`noisy: other work was in the way in ${health.noisy} of ${health.seconds} seconds`]
}

function historyReason(history: HistoryVerdict): string {
  const { lost, unanswered, duplicated, gaps, disordered, faults } = history
  if (history.checked === 'nothing published') return 'nothing was published that could be lost'
  const first = faults[0] === undefined ? '' : `; first: ${faults[0]}`
  const missing = `${lost} lost, ${unanswered} unanswered`
  return `history: ${missing}, ${duplicated} duplicated, ${gaps} gaps, ${disordered} out of order${first}`
}

interface JudgedTerm {
  readonly text: string
  readonly value?: number
  readonly met: boolean
  readonly reason: string
}

function judgeTerm(
  term: SloTerm,
  plan: Plan,
  summary: Summary,
  history: HistoryVerdict,
  headline: LatencyKind,
): JudgedTerm {
  if (term.figure === 'ready') return judgeReady(term, plan, summary)
  if (term.figure === 'loss') {
    const value = faultsOf(history)
    const met = holds(value, term)
    return { text: term.text, value, met, reason: historyReason(history) }
  }
  return judgePercentile(term, summary, headline)
}

function judgeReady(term: SloTerm, plan: Plan, { peak, ledger }: Summary): JudgedTerm {
  const { held = peak.ready } = peak
  const value = plan.connections === 0 ? 1 : held / plan.connections
  const met = holds(value, term)
  const percent = `${Math.floor(value * 100_000) / 1_000} %`
  const share =
    held < peak.ready
      ? `ready ${peak.ready} of ${plan.connections}, of which ${held} were held to the end, ${percent}`
      : `ready ${peak.ready} of ${plan.connections}, ${percent}`
  const why = met ? '' : causesText(ledger.failed)
  const reason = `${share}${met ? '' : `; the threshold is ${term.text}`}${why}`
  return { text: term.text, value, met, reason }
}

/** The causes that ended most, with those of our own side called so. */
function causesText(failed: Summary['ledger']['failed']): string {
  const causes = (Object.entries(failed) as [Cause, number][])
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([cause, count]) => `${cause} ${count}${clientCauses.has(cause) ? ' (our side)' : ''}`)
  return causes.length === 0 ? '' : `: ${causes.join(', ')}`
}

const shares: Readonly<Record<string, readonly [PercentileName, number]>> = {
  p50: ['p50', 0.5],
  p90: ['p90', 0.9],
  p99: ['p99', 0.99],
  'p99.9': ['p999', 0.999],
  'p99.99': ['p9999', 0.9999],
}

function judgePercentile(term: SloTerm, { latency }: Summary, headline: LatencyKind): JudgedTerm {
  const kind = term.kind ?? headline
  const found = (latency as Readonly<Record<string, Percentiles | undefined>>)[kind]
  const [key, share] = shares[term.figure] ?? (['max', 1] as const)
  const value = found?.[key]
  const name = `${kind} ${term.figure}`
  if (value !== undefined) {
    const isAtLeast = found?.atLeast?.includes(key) === true
    // What may be longer than was seen cannot be shown to be short enough.
    const met =
      holds(value, term) && !(isAtLeast && term.operator !== '>' && term.operator !== '>=')
    const unanswered = isAtLeast ? `, as ${found?.unanswered} of ${found?.n} were not answered` : ''
    const seen = `${name} ${isAtLeast ? 'at least ' : ''}${value} ms${unanswered}`
    const reason = `${seen}${met ? '' : `; the threshold is ${term.text}`}`
    return { text: term.text, value, met, reason }
  }
  const n = found?.n ?? 0
  const more = share === 1 ? 1 : Math.ceil(10 / (1 - share) - 1e-6) - n
  const reason = `${name} is not known: ${n} samples, ${more} more are needed to tell it; measure longer or send more often`
  return { text: term.text, met: false, reason }
}

/** Bounds are written in decimal, so that values a rounding away from one are equal to it. */
function holds(value: number, { operator, bound }: SloTerm): boolean {
  const same = Math.abs(value - bound) <= 1e-9 * Math.max(1, Math.abs(bound))
  switch (operator) {
    case '<':
      return value < bound && !same
    case '<=':
      return value < bound || same
    case '>':
      return value > bound && !same
    case '>=':
      return value > bound || same
    case '=':
      return same
    default:
      return operator satisfies never
  }
}
