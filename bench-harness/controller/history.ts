import {
  type Attempt,
  checkHistory,
  type HistoryFault,
  type LogHistory,
  type Subscription,
} from '../../src/testing/history-checker.ts'
import type { HistoryVerdict } from '../bundle/bundle.ts'
import type { Counters, HistoryPart } from '../control/messages.ts'
import type { ClockOffset } from './clock-offset.ts'

/** One that stands for so many `others` who were given exactly the same. */
type Told = Subscription & { readonly others?: number }

/** What workers saw of publishes and subscribers, gathered in one place. */
export interface RunHistory {
  add(part: HistoryPart, clock: ClockOffset | undefined): void
  readonly channels: readonly string[]
  readonly attempts: readonly Attempt[]
  readonly subscriptions: readonly Told[]
  readonly ends: HistoryPart['ends']
}

export function createRunHistory(): RunHistory {
  const attempts: Attempt[] = []
  const subscriptions: Told[] = []
  const ends: HistoryPart['ends'][number][] = []
  const channels = new Set<string>()
  return {
    attempts,
    subscriptions,
    ends,
    get channels() {
      return [...channels]
    },
    add(part, clock) {
      const { offsetMs, errorMs } = clock ?? { offsetMs: 0, errorMs: 0 }
      for (const attempt of part.attempts) {
        channels.add(attempt.channel)
        const { outcome } = attempt
        // Widened by what the clocks may be off, so that nobody is called late who was not.
        attempts.push({
          ...attempt,
          invokedMs: attempt.invokedMs - offsetMs - errorMs,
          outcome:
            outcome.kind === 'ok'
              ? { ...outcome, atMs: outcome.atMs - offsetMs + errorMs }
              : outcome,
        })
      }
      subscriptions.push(...part.subscriptions)
      ends.push(...part.ends)
    },
  }
}

/** Faults that are told in words. */
const faultsToldMax = 10

/**
 * Holds what was seen against the logs. Without a log, or when the workers could not keep everything, only what subscribers counted is
 * judged, and the verdict says so.
 */
export function judgeHistory(
  history: RunHistory,
  counters: Counters,
  parts: {
    readonly whole: boolean
    readonly logs: ReadonlyMap<string, LogHistory>
    /** What a scenario found wrong by itself. */
    readonly faults: readonly string[]
    /** True when the server numbers what it keeps. */
    readonly logged: boolean
  },
): HistoryVerdict {
  const { whole, logs, faults: own, logged } = parts
  const counted = {
    publishes: logged ? counters.acknowledged : counters.sent,
    deliveries: counters.delivered,
    unanswered: counters.unanswered,
    duplicated: counters.duplicated,
    disordered: counters.disordered,
  }
  if (counters.sent === 0)
    return { ...counted, checked: 'nothing published', lost: own.length, gaps: 0, faults: own }
  const allRead = history.channels.every((channel) => logs.has(channel))
  if (!logged || !whole || !allRead || history.attempts.length === 0)
    return {
      ...counted,
      checked: 'counters',
      lost: counters.missing + counters.undelivered + own.length,
      gaps: 0,
      faults: own,
    }
  const heads = new Map([...logs].map(([channel, log]) => [channel, headOf(log)]))
  const { attempts, subscriptions } = history
  const check = (told: readonly Subscription[]): readonly HistoryFault[] =>
    checkHistory({ logs: [...logs.values()], attempts, subscriptions: told })
  const once = check(subscriptions)
  // Only where something is wrong does it matter how many it happened to.
  const each = once.length === 0 ? once : check(subscriptions.flatMap(oneByOne))
  const found = [...each, ...shortEnds(history.ends, heads)]
  return {
    checked: 'full',
    publishes: history.attempts.filter(({ outcome }) => outcome.kind === 'ok').length,
    deliveries: counters.delivered,
    lost: count(found, ['lost', 'invented', 'refused yet present']) + own.length,
    unanswered: counters.unanswered,
    duplicated: Math.max(count(found, ['doubled', 'delivered twice']), counters.duplicated),
    gaps: count(found, ['broken run', 'hole', 'false gap']),
    disordered: count(found, ['order', 'moved', 'wrong event']) + counters.disordered,
    faults: [
      ...own,
      ...found.map(({ channel, kind, text }) => `${channel}: ${kind}: ${text}`),
    ].slice(0, faultsToldMax),
  }
}

function headOf({ begin = 1, events }: LogHistory): number {
  return begin + events.length - 1
}

/** Sessions that were there at the end and had not come to the end of a log. */
function shortEnds(
  ends: HistoryPart['ends'],
  heads: ReadonlyMap<string, number>,
): readonly HistoryFault[] {
  return ends.flatMap((end) => {
    const { channel, last, live } = end
    const head = heads.get(channel)
    if (!live || head === undefined || last >= head) return []
    return oneByOne(end).map(({ name }) => {
      const text = `${name} had come to ${last}, and the log ends at ${head}`
      return { kind: 'broken run' as const, channel, text }
    })
  })
}

function oneByOne<T extends { readonly name: string; readonly others?: number }>(told: T): T[] {
  const { name, others = 0 } = told
  const like = Array.from({ length: others }, (_, no) => ({
    ...told,
    name: `${name} and ${no + 1} like it`,
  }))
  return [told, ...like]
}

function count(faults: readonly HistoryFault[], kinds: readonly HistoryFault['kind'][]): number {
  return faults.filter(({ kind }) => kinds.includes(kind)).length
}
