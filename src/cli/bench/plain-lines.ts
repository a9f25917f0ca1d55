import type { RunEvent } from '../../../bench-harness/bundle/bundle.ts'
import { percentileOf } from '../../../bench-harness/histogram/histogram.ts'
import { failuresOf } from '../../../bench-harness/ledger/ledger.ts'
import type { Run, RunView } from '../../../bench-harness/view/run-view.ts'
import { causesOf, clockText, countText, msText, openNow } from './figures.ts'
import { eventsAfter } from './new-in-view.ts'

interface Sink {
  write(text: string): unknown
}

/** Seconds between two lines of a phase that opens connections or measures. */
const everyS = 5

/** What has been said so far. */
export interface PlainState {
  readonly event?: RunEvent
  /** Which fifth second the last line was of. */
  readonly slot: number
}

export const nothingSaid: PlainState = { slot: -1 }

/** What there is to say about a view that was not said yet: events at once, figures every 5 s of `ramp` and `measure`. */
export function plainLines(
  said: PlainState,
  view: RunView,
): { readonly lines: readonly string[]; readonly said: PlainState } {
  const events = eventsAfter(said.event, view.events)
  const event = view.events.at(-1)
  const lines = events.map(({ ms, kind, text }) => `t=${clockText(ms)} ${kind}: ${text}`)
  const { second } = view
  const slot = second === undefined ? -1 : Math.floor(second.t / everyS)
  const due = slot > said.slot && (view.phase === 'ramp' || view.phase === 'measure')
  if (due) lines.push(figuresLine(view))
  return {
    lines,
    said: { ...(event === undefined ? {} : { event }), slot: due ? slot : said.slot },
  }
}

/** Writes a run as lines of text until it has ended. What comes after is `finalWords`. */
export async function followInLines(run: Run, out: Sink): Promise<void> {
  let said = nothingSaid
  const say = (): void => {
    const next = plainLines(said, run.view())
    said = next.said
    for (const line of next.lines) out.write(`${line}\n`)
  }
  const stop = run.subscribe(say)
  try {
    say()
    await run.ended
    say()
  } finally {
    stop()
  }
}

/** `t=00:35 ramp ready=42,310/50,000 tcp=42,350 fail=12 (refused 12) p99=8.1ms lag=0.4ms hosts=4/4 ok` */
export function figuresLine(view: RunView): string {
  const { second, plan } = view
  const clock = `t=${clockText(second === undefined ? view.elapsedMs : (second.t + 1) * 1_000)}`
  if (second === undefined) return `${clock} ${view.phase}`
  const { ledger } = second
  const { tcp, ready } = openNow(ledger)
  const lagMs = Math.max(0, ...view.hosts.map((host) => host.lagP99Ms))
  return [
    clock,
    view.phase,
    `ready=${countText(ready)}/${countText(plan.connections)}`,
    `tcp=${countText(tcp)}`,
    failText(view),
    ...(ledger.lost === 0 ? [] : [`lost=${countText(ledger.lost)}`]),
    p99Text(view),
    `lag=${tight(msText(lagMs))}`,
    hostsText(view),
    ...(second.overloaded.length === 0
      ? []
      : [`load generator overloaded (${second.overloaded.join('; ')})`]),
    ...(second.noisy.length === 0 ? [] : ['noisy']),
  ].join(' ')
}

function failText({ second }: RunView): string {
  if (second === undefined) return 'fail=0'
  const causes = causesOf(second.ledger)
  const named = causes.slice(0, 3).map(([cause, count]) => `${cause} ${countText(count)}`)
  if (causes.length > 3) named.push('...')
  const total = `fail=${countText(failuresOf(second.ledger))}`
  return named.length === 0 ? total : `${total} (${named.join(', ')})`
}

/** Of the last second, or where that has too few samples of the phase; before any, of how long connections take to be ready. */
function p99Text({ headline, second }: RunView): string {
  const ms = percentileOf(headline.second, 0.99) ?? percentileOf(headline.phase, 0.99)
  if (ms !== undefined) return `p99=${tight(msText(ms))}`
  const ready = second?.histograms.ready
  const readyMs = ready === undefined ? undefined : percentileOf(ready, 0.99)
  return readyMs === undefined ? 'p99=-' : `ready.p99=${tight(msText(readyMs))}`
}

function hostsText({ hosts }: RunView): string {
  const well = hosts.filter(({ state }) => state === 'running' || state === 'done').length
  const bad = hosts.find(({ state }) => state === 'stale' || state === 'dead')
  const how =
    bad !== undefined
      ? `${bad.name} ${bad.state === 'stale' ? `stale ${bad.staleS}s` : bad.state}`
      : well === hosts.length
        ? 'ok'
        : 'starting'
  return `hosts=${well}/${hosts.length} ${how}`
}

function tight(text: string): string {
  return text.replace(' ', '')
}
