import type { Result, RunEvent, Second } from '../../../bench-harness/bundle/bundle.ts'
import { percentilesOf } from '../../../bench-harness/histogram/histogram.ts'
import type { HostView, Run, RunView } from '../../../bench-harness/view/run-view.ts'
import { eventsAfter } from './new-in-view.ts'

interface Sink {
  write(text: string): unknown
}

/** What has been written so far. */
export interface JsonState {
  readonly t: number
  readonly event?: RunEvent
  readonly hosts: Readonly<Record<string, string>>
}

export const nothingWritten: JsonState = { t: -1, hosts: {} }

/**
 * One object for each second, event and change of a host's state that was not written yet. Latencies are percentiles in milliseconds; the buckets
 * are in the run's folder.
 */
export function jsonLines(
  written: JsonState,
  view: RunView,
): { readonly lines: readonly object[]; readonly written: JsonState } {
  const changed = view.hosts.filter(({ name, state }) => written.hosts[name] !== state)
  const events = eventsAfter(written.event, view.events)
  const seconds = view.seconds.filter(({ t }) => t > written.t)
  const event = view.events.at(-1)
  return {
    lines: [...changed.map(hostLine), ...events.map(eventLine), ...seconds.map(secondLine)],
    written: {
      t: seconds.at(-1)?.t ?? written.t,
      ...(event === undefined ? {} : { event }),
      hosts: Object.fromEntries(view.hosts.map(({ name, state }) => [name, state])),
    },
  }
}

/** Writes a run as NDJSON until it has ended; the last line is its `Result`, which is also given back. */
export async function followInJson(run: Run, out: Sink): Promise<Result> {
  let written = nothingWritten
  const write = (): void => {
    const next = jsonLines(written, run.view())
    written = next.written
    for (const line of next.lines) out.write(`${JSON.stringify(line)}\n`)
  }
  const stop = run.subscribe(write)
  try {
    write()
    const result = await run.ended
    write()
    out.write(`${JSON.stringify(result)}\n`)
    return result
  } finally {
    stop()
  }
}

function hostLine({ name, state, stateText, workers }: HostView): object {
  return { v: 1, event: 'host', name, state, text: stateText, workers }
}

function eventLine({ ms, kind, text }: RunEvent): object {
  return { v: 1, event: 'event', ms, kind, text }
}

function secondLine({ histograms, ...second }: Second): object {
  const latency = Object.fromEntries(
    Object.entries(histograms).map(([kind, histogram]) => [kind, percentilesOf(histogram)]),
  )
  return { v: 1, event: 'second', ...second, latency }
}
