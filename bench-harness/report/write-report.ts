import type { RunBundle, Second } from '../bundle/bundle.ts'
import { histogramOf, measuredHistogramOf } from '../bundle/summarize.ts'
import { type LatencyKind, latencyKinds } from '../control/messages.ts'
import type { SloTerm } from '../plan/slo.ts'
import { boxes } from './boxes.ts'
import { type ChartLibrary, readChartLibrary } from './chart-library.ts'
import { connectionsChart, failuresChart, tsungChart } from './connection-charts.ts'
import { environmentTable } from './environment-table.ts'
import { failures } from './failures.ts'
import { secondsText } from './figures.ts'
import { headlineOf, kindTexts } from './headline.ts'
import { healthStrip } from './health-strip.ts'
import { hostMultiples } from './host-multiples.ts'
import { type Html, html, jsonBlock, nothing } from './html.ts'
import { latencyHeatmap } from './latency-heatmap.ts'
import { latencyHistogram } from './latency-histogram.ts'
import { memorySlope } from './memory-slope.ts'
import { writePage } from './page.ts'
import { chartsScript, themeScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'
import { type Bound, type Curve, percentileSpectrum } from './percentile-spectrum.ts'
import { rawSeconds } from './raw-seconds.ts'
import { searchLevels } from './search-levels.ts'
import { serverCharts } from './server-charts.ts'
import { hatch } from './svg.ts'
import { table } from './table.ts'
import { thinned } from './thinned.ts'
import {
  overloadedStretches,
  phaseStarts,
  type Tone,
  timeChart,
  timeChartsOf,
} from './time-chart.ts'
import { historyText, objectives, verdictHead } from './verdict.ts'

/** A whole report stays below this, so that it can be mailed and kept. */
export const reportBytesMax = 300_000

/** More points than this on a line are more than a screen has. */
const chartSecondsMax = 400

interface Section {
  readonly id: string
  readonly title: string
  readonly content: Html
}

/** Writes a run as one HTML file that needs no network, of fewer than `reportBytesMax` bytes. */
export function writeReport(bundle: RunBundle, library: ChartLibrary = readChartLibrary()): string {
  const bare = pageOf(bundle, library, nothing)
  const room = reportBytesMax - Buffer.byteLength(bare) - 1_000
  return pageOf(bundle, library, rawSeconds(bundle, room))
}

function pageOf(bundle: RunBundle, library: ChartLibrary, raw: Html): string {
  const { plan, result, seconds } = bundle
  const headline = headlineOf(bundle)
  const shown = thinned(seconds, chartSecondsMax)
  const drawn = { ...bundle, seconds: shown }
  const sections = sectionsOf(drawn, bundle, headline, raw)
  const failing = failuresChart(drawn)
  const charts = timeChartsOf(shown, [
    connectionsChart(drawn),
    tsungChart(drawn),
    ...(failing === undefined ? [] : [failing]),
    ...serverCharts(drawn),
  ])
  const links = sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)
  const body = html`${hatch}<div class="bar"><nav aria-label="Sections">${links}</nav><button id="theme" type="button" hidden>Colours: auto</button></div>
${verdictHead(bundle, headline)}
<main>
${sections.map(({ id, title, content }) => html`<section id="${id}"><h2>${title}</h2>${content}</section>`)}
</main>
<footer class="foot"><p class="note">Written by rusher ${bundle.environment.rusher}. Latencies are measured from the moment that was intended; percentiles with fewer than ten samples above them are left out. Histograms are merged bucket by bucket, and are exact to 0.8 %.</p></footer>
<i class="stripes-ink" hidden></i>
${jsonBlock('time-charts', { ...charts, overloaded: overloadedStretches(seconds), phases: phaseStarts(seconds) })}`
  return writePage({
    title: `${result.verdict}: ${plan.scenario.name}, ${plan.run} - rusher bench`,
    body,
    styles: [library.style, pageStyle],
    scripts: [library.script, themeScript, chartsScript],
  })
}

function sectionsOf(
  drawn: RunBundle,
  bundle: RunBundle,
  headline: LatencyKind,
  raw: Html,
): readonly Section[] {
  const { seconds, plan, environment, result, events } = bundle
  const strips = Math.min(
    300,
    Math.max(60, Math.floor(3_000 / Math.max(1, environment.hosts.length))),
  )
  return [
    {
      id: 'tested',
      title: 'What was tested',
      content: html`${boxes(bundle)}${objectives(result)}`,
    },
    ...(result.search === undefined
      ? []
      : [{ id: 'maximum', title: 'The maximum', content: searchLevels(result.search) }]),
    { id: 'over-time', title: 'Connections over time', content: overTime(drawn, bundle) },
    { id: 'failures', title: 'Failures', content: failures(bundle, drawn.seconds) },
    { id: 'latency', title: 'Latency', content: latency(bundle, headline) },
    { id: 'server', title: 'Server', content: server(drawn, seconds) },
    {
      id: 'clients',
      title: 'Clients',
      content: html`${healthSentence(bundle)}${healthStrip(thinned(seconds, strips), plan.health)}${hostMultiples(thinned(seconds, Math.min(60, strips)))}`,
    },
    {
      id: 'environment',
      title: 'Machines',
      content: html`${environmentTable(environment)}<p class="note">Worker ${environment.bundle.slice(0, 16)}${environment.commit === undefined ? '' : `, commit ${environment.commit.slice(0, 12)}${environment.dirty === true ? ', with changes' : ''}`}.</p>`,
    },
    {
      id: 'raw',
      title: 'Raw figures',
      content: html`${raw}${table(
        'Events',
        ['after', 'kind', 'what'],
        events
          .slice(0, 100)
          .map(({ ms, kind, text }) => [secondsText(Math.round(ms / 1_000)), kind, text]),
        'texts',
      )}`,
    },
  ]
}

function overTime(drawn: RunBundle, { seconds }: RunBundle): Html {
  const overloaded = seconds.filter((second) => second.overloaded.length > 0).length
  const note =
    overloaded === 0
      ? ''
      : ` In striped seconds (${overloaded} of ${seconds.length}) the load generator was overloaded.`
  return html`<p class="note">Ready: the server has said hello and acknowledged every join.${note}</p>${timeChart(connectionsChart(drawn), drawn.seconds)}<h3>As Tsung would draw it</h3><p class="note">Its users have begun and not ended; its connected are TCP sockets, whether anybody answers there or not.</p>${timeChart(tsungChart(drawn), drawn.seconds)}`
}

const tones: readonly Tone[] = [1, 2, 3, 4, 5, 6]

/** Kinds that a run's spectrum shows: the headline first, then what helps to explain it. */
const beside: readonly LatencyKind[] = [
  'delivery',
  'completion',
  'convergence',
  'echo',
  'ack',
  'reconnect',
  'service',
  'probe',
  'lag',
]

function latency(bundle: RunBundle, headline: LatencyKind): Html {
  const { seconds, plan, result } = bundle
  const kinds = [headline, ...beside.filter((kind) => kind !== headline)]
  const curves: Curve[] = kinds
    .map((kind) => ({ kind, histogram: measuredHistogramOf(seconds, kind) }))
    .filter(({ histogram }) => histogram.n > 0)
    .slice(0, tones.length)
    .map(({ kind, histogram }, index) => ({
      label: kindTexts[kind],
      tone: tones[index] ?? 6,
      histogram,
    }))
  const bounds = plan.slo.flatMap((term) => boundOf(term, headline))
  const history =
    result.rates.delivered > 0
      ? html`<p>${result.rates.delivered.toLocaleString('en-US')} a second were delivered: <b>${historyText(result.history)}</b>.</p>`
      : nothing
  const connecting = latencyKinds.slice(0, 3).filter((kind) => result.latency[kind] !== undefined)
  return html`${history}
<h3>Percentiles</h3>${percentileSpectrum(curves, bounds, 'Latency by percentile, in the phase measure.')}
<h3>${upperFirst(kindTexts[headline])} over time</h3>${latencyHeatmap(seconds, headline, kindTexts[headline])}
<h3>Connecting</h3>${connecting.includes('tcp') ? latencyHistogram(histogramOf(seconds, 'tcp'), kindTexts.tcp) : html`<p class="note">No connection was opened.</p>`}
${percentileSpectrum(connectingCurves(seconds, connecting), [], 'Connecting by percentile, in the whole run.')}`
}

function connectingCurves(seconds: readonly Second[], kinds: readonly LatencyKind[]): Curve[] {
  return kinds.map((kind, index) => ({
    label: kindTexts[kind],
    tone: tones[index] ?? 6,
    histogram: histogramOf(seconds, kind),
  }))
}

function boundOf({ text, figure, kind, operator, bound }: SloTerm, headline: LatencyKind): Bound[] {
  const share = figure === 'max' ? 1 : Number(figure.slice(1)) / 100
  const isOfHeadline = (kind ?? headline) === headline
  return Number.isNaN(share) || !operator.startsWith('<') || !isOfHeadline
    ? []
    : [{ text, share, ms: bound }]
}

function server(drawn: RunBundle, seconds: readonly Second[]): Html {
  const charts = serverCharts(drawn)
  const slope = memorySlope(seconds)
  if (charts.length === 0)
    return html`<p class="note">Nothing was told of the server's side. Name its machine with --server, or let its metrics be read.</p>`
  return html`<div class="pair">${charts.map((chart) => timeChart(chart, drawn.seconds))}</div>${slope === undefined ? nothing : html`<h3>Memory by connections</h3>${slope}`}${troubleTable(seconds)}`
}

/** The kernel's counters of trouble that grew. */
function troubleTable(seconds: readonly Second[]): Html {
  const most = new Map<string, number>()
  for (const { server } of seconds)
    for (const [name, count] of Object.entries(server?.counters ?? {}))
      most.set(name, Math.max(most.get(name) ?? 0, count))
  const rows = [...most]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => [name, String(count)])
  return rows.length === 0
    ? nothing
    : table('Counters of trouble that grew on the server’s machine', ['counter', 'by'], rows)
}

function healthSentence({ result }: RunBundle): Html {
  const { seconds, overloaded, reasons, noisy, noise } = result.health
  const kept =
    overloaded === 0
      ? html`<p>The load generator kept its schedule in all ${seconds} measured seconds.</p>`
      : html`<p>The load generator was overloaded in ${overloaded} of ${seconds} measured seconds:</p>${texts(reasons)}`
  if (noisy === 0) return kept
  return html`${kept}<p>${noisy} of ${seconds} measured seconds were noisy: latencies may be those of other work on the clients' machines.</p>${texts(noise)}`
}

function texts(all: readonly string[]): Html {
  return html`<ul>${all.slice(0, 10).map((text) => html`<li>${text}</li>`)}</ul>`
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
