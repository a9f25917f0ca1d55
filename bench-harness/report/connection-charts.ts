import type { RunBundle, Second } from '../bundle/bundle.ts'
import { openSockets, usersOf } from '../bundle/summarize.ts'
import type { Cause } from '../ledger/ledger.ts'
import type { TimeChart, TimeSeries, Tone } from './time-chart.ts'

/** Connections by how far they have come, beside what was planned and what the server counts. */
export function connectionsChart({ seconds }: RunBundle): TimeChart {
  const sessions = seconds.map(({ server, probes = 0 }) =>
    server?.sessions === undefined ? null : Math.max(0, server.sessions - probes),
  )
  const of = (figure: (second: Second) => number) => seconds.map(figure)
  return {
    id: 'connections',
    label: 'Connections over time: planned, TCP open, upgraded, ready, and the server’s own count.',
    unit: 'count',
    series: [
      {
        label: 'ready',
        tone: 1,
        stroke: 'area',
        values: of(({ ledger }) => ledger.now.ready),
      },
      {
        label: 'upgraded',
        tone: 4,
        stroke: 'dotted',
        values: of(({ ledger }) => ledger.now.ws + ledger.now.ready + ledger.now.closing),
      },
      {
        label: 'TCP open',
        tone: 2,
        stroke: 'thin',
        values: of(({ ledger }) => openSockets(ledger)),
      },
      { label: 'planned', tone: 6, stroke: 'dashed', values: of(({ planned }) => planned) },
      ...(sessions.some((count) => count !== null)
        ? [{ label: 'server says', tone: 3 as Tone, stroke: 'dotted' as const, values: sessions }]
        : []),
    ],
  }
}

/** The two lines that Tsung draws, with the sessions that were ready below them. */
export function tsungChart({ seconds }: RunBundle): TimeChart {
  return {
    id: 'tsung',
    label: 'As Tsung counts: users begun and not ended, and sockets that are open.',
    unit: 'count',
    series: [
      {
        label: 'users',
        tone: 5,
        stroke: 'dashed',
        values: seconds.map(({ ledger }) => usersOf(ledger)),
      },
      {
        label: 'connected',
        tone: 2,
        stroke: 'solid',
        values: seconds.map(({ ledger }) => openSockets(ledger)),
      },
      {
        label: 'ready',
        tone: 1,
        stroke: 'dotted',
        values: seconds.map(({ ledger }) => ledger.now.ready),
      },
    ],
  }
}

const tones: readonly Tone[] = [2, 4, 5, 1, 3]

/** Causes that are drawn each by itself; what is left is drawn as one. */
const causesMax = 5

/** Failures so far, by cause. Absent when there were none. */
export function failuresChart({ seconds, result }: RunBundle): TimeChart | undefined {
  const causes = causesByCount(result.ledger.failed)
  if (causes.length === 0) return undefined
  const shown = causes.slice(0, causesMax)
  const rest = causes.slice(causesMax)
  const sum = (of: readonly Cause[]) =>
    seconds.map(({ ledger }) => of.reduce((all, cause) => all + (ledger.failed[cause] ?? 0), 0))
  const series: TimeSeries[] = shown.map((cause, index) => ({
    label: cause,
    tone: tones[index] ?? 6,
    stroke: 'area',
    values: sum([cause]),
  }))
  return {
    id: 'failures-over-time',
    label: 'Connections that failed so far, by cause.',
    unit: 'count',
    stacked: true,
    series:
      rest.length === 0
        ? series
        : [
            ...series,
            { label: `${rest.length} others`, tone: 6, stroke: 'area', values: sum(rest) },
          ],
  }
}

export function causesByCount(failed: RunBundle['result']['ledger']['failed']): Cause[] {
  return (Object.entries(failed) as [Cause, number][])
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([cause]) => cause)
}
