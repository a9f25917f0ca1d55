import type { HistoryVerdict, Result, RunBundle, Verdict } from '../bundle/bundle.ts'
import { faultsOf, isNoisy } from '../bundle/judge.ts'
import type { LatencyKind } from '../control/messages.ts'
import type { PercentileName, Percentiles } from '../histogram/histogram.ts'
import { failuresOf } from '../ledger/ledger.ts'
import {
  bytesText,
  countText,
  msText,
  plural,
  rateText,
  secondsText,
  shareText,
  timeText,
} from './figures.ts'
import { kindTexts } from './headline.ts'
import { type Html, html, nothing } from './html.ts'
import { messagesText } from './messages-text.ts'
import { table } from './table.ts'

const words: Readonly<Record<Verdict, readonly [mark: string, word: string]>> = {
  pass: ['✓', 'Pass'],
  fail: ['✗', 'Fail'],
  invalid: ['▲', 'Invalid'],
}

/** What the run comes to in one sentence. */
export function verdictSentence({ plan, result }: RunBundle): string {
  const ready = `${countText(result.peak.ready)} of ${countText(plan.connections)} connections were ready at once`
  const counts = messagesText(result.messages)
  const messages = counts === '' ? '' : `; ${counts}: ${historyText(result.history)}`
  switch (result.verdict) {
    case 'pass':
      return `${ready}${messages}.`
    case 'fail':
      return `${ready}${messages}; ${plural(result.slo.filter(({ met }) => !met).length, 'threshold was', 'thresholds were')} not met.`
    case 'invalid':
      return result.exitCode === 11
        ? `The load generator was overloaded: the server was not measured. ${ready}${messages}.`
        : `No figure here can be relied on. ${ready}${messages}.`
    default:
      return result.verdict satisfies never
  }
}

/** `0 lost, 0 unanswered, 0 duplicated, 0 gaps`. */
export function historyText(history: HistoryVerdict): string {
  if (history.checked === 'nothing published') return 'nothing was published'
  const { lost, unanswered, duplicated, gaps, disordered } = history
  const disorder = disordered > 0 ? `, ${countText(disordered)} out of order` : ''
  return `${countText(lost)} lost, ${countText(unanswered)} unanswered, ${countText(duplicated)} duplicated, ${plural(gaps, 'gap')}${disorder}`
}

/** The top of the page: the verdict, why, the figures that matter, and each threshold. */
export function verdictHead(bundle: RunBundle, headline: LatencyKind): Html {
  const { plan, environment, result, seconds } = bundle
  const [mark, word] = words[result.verdict]
  const reasons = result.reasons.map((reason) => html`<li>${reason}</li>`)
  return html`<header class="top">
<p class="kicker">rusher bench <span>${plan.scenario.name}</span> <span>${plan.run}</span> <span>${timeText(environment.startedAt)}</span> <span>${secondsText(seconds.length)}</span></p>
<div class="verdict ${result.verdict}">
<p class="word"><span aria-hidden="true">${mark}</span> ${word}${isNoisy(result.health) && result.verdict !== 'invalid' ? ' (noisy)' : ''}</p>
<h1>${verdictSentence(bundle)}</h1>
<details${result.verdict === 'pass' ? '' : ' open'}><summary>${result.verdict === 'pass' ? 'What was held against it' : 'Why'}</summary><ul>${reasons}</ul></details>
</div>
${tiles(bundle, headline)}
${limiterLine(result)}
</header>`
}

/** Each threshold with its result. */
export function objectives({ slo }: Result): Html {
  if (slo.length === 0) return nothing
  const rows = slo.map(({ text, value, met }) => [
    text,
    value === undefined ? 'too few samples to tell' : sloText(text, value),
    met ? html`<span class="good">✓ met</span>` : html`<span class="bad">✗ not met</span>`,
  ])
  return table('Thresholds', ['threshold', 'result', ''], rows)
}

function sloText(text: string, value: number): string {
  if (text.startsWith('ready')) return shareText(value)
  return text.startsWith('loss') ? countText(value) : msText(value)
}

function tiles(bundle: RunBundle, headline: LatencyKind): Html {
  const { plan, result } = bundle
  const { peak, ledger, latency, rates, history, server } = result
  const failed = failuresOf(ledger)
  const found = latency[headline]
  return html`<dl class="tiles">
${tile('ready at once', countText(peak.ready), `of ${countText(plan.connections)}${said(result)}`)}
${tile('failed', countText(failed), ledger.lost === undefined ? '' : `${countText(ledger.lost)} of them after they were ready`)}
${tile(`${kindTexts[headline]}, ${found?.p99 === undefined ? 'max' : 'p99'}`, found === undefined ? '–' : latencyText(found, found.p99 === undefined ? 'max' : 'p99'), found === undefined ? 'not measured' : `${found.p50 === undefined ? '' : `p50 ${latencyText(found, 'p50')}, `}max ${latencyText(found, 'max')}, n ${countText(found.n)}`)}
${rates.sent === 0 && history.checked === 'nothing published' ? nothing : tile('delivered', rateText(rates.delivered), historyText(history), faultsOf(history) > 0)}
${server?.bytesPerConnection === undefined ? nothing : tile('a connection costs', bytesText(server.bytesPerConnection), plan.target.own ? 'server and kernel, both ends of it' : 'server and its kernel')}
</dl>`
}

/** A figure that may be larger, since a wait that had not ended counts in it, is marked so. */
function latencyText(found: Percentiles, name: PercentileName): string {
  const ms = found[name]
  if (ms === undefined) return '–'
  return `${found.atLeast?.includes(name) === true ? '≥ ' : ''}${msText(ms)}`
}

function tile(name: string, figure: string, note: string, isBad = false): Html {
  return html`<div class="tile${isBad ? ' wrong' : ''}"><dt>${name}</dt><dd>${figure}</dd><dd class="note">${isBad ? '✗ ' : ''}${note}</dd></div>`
}

function said({ peak }: Result): string {
  const server = peak.server === undefined ? [] : [`server says ${countText(peak.server)}`]
  const kernel = peak.kernel === undefined ? [] : [`kernel says ${countText(peak.kernel)}`]
  const probes = peak.probes === undefined ? [] : [`with ${countText(peak.probes)} of the probes`]
  const told = [...server, ...kernel]
  return told.length === 0 ? '' : `; ${[...told, ...probes].join(', ')}`
}

function limiterLine({ limiter }: Result): Html {
  if (limiter === undefined) return nothing
  const side = limiter.side === 'unknown' ? 'side unknown' : `on the side of the ${limiter.side}`
  return html`<p class="limiter"><b>Bottleneck:</b> ${limiter.resource}, ${side}. ${limiter.proof}</p>`
}
