import { faultsOf } from '../bundle/judge.ts'
import { measuredHistogramOf } from '../bundle/summarize.ts'
import { mergeEncoded } from '../histogram/histogram.ts'
import { factsOf } from '../report/environment-table.ts'
import { countText, plural, timeText } from '../report/figures.ts'
import { kindTexts } from '../report/headline.ts'
import { type Html, html, jsonBlock, nothing } from '../report/html.ts'
import { writePage } from '../report/page.ts'
import { themeScript } from '../report/page-script.ts'
import { pageStyle } from '../report/page-style.ts'
import { percentileSpectrum } from '../report/percentile-spectrum.ts'
import { hatch } from '../report/svg.ts'
import { table } from '../report/table.ts'
import type { Tone } from '../report/time-chart.ts'
import { historyText } from '../report/verdict.ts'
import { type Comparison, runsText } from './compare-runs.ts'
import { chipsScript, comparisonStyle } from './comparison-page.ts'
import { methodText, noiseOnly, sentencesOf } from './comparison-words.ts'
import { figureBars } from './figure-bars.ts'
import { noisePlot } from './noise-plot.ts'
import type { Variant } from './variants.ts'

const tones: readonly Tone[] = [1, 2, 3, 4, 5, 6]

/** Writes a comparison as one HTML file that needs no network and, but for its chips, no script. */
export function writeComparison(comparison: Comparison): string {
  const { variants, figures, headline } = comparison
  const toneOf = (variant: string): Tone =>
    tones[variants.findIndex(({ name }) => name === variant) % tones.length] ?? 6
  const body = html`${hatch}<div class="bar"><nav aria-label="Sections"><a href="#figures">Figures</a><a href="#differences">Differences</a><a href="#percentiles">Percentiles</a><a href="#machines">Machines</a><a href="#runs">Runs</a></nav><button id="theme" type="button" hidden>Colours: auto</button></div>
${head(comparison, toneOf)}
<main>
<section id="figures"><h2>Figures</h2><p class="note">Bars are medians over runs, whiskers their 95 %, strokes below them single runs.</p>${figures.map((rows) => figureBars(rows, toneOf))}</section>
<section id="differences"><h2>Differences to ${variants[0]?.name ?? ''}</h2><p class="note">A difference inside of its grey band is noise: halves of the same runs differ as much.</p>${noisePlot(comparison, toneOf)}</section>
<section id="percentiles"><h2>By percentile: ${kindTexts[headline]}</h2>${curves(comparison, toneOf)}</section>
<section id="machines"><h2>Machines</h2>${machines(variants)}</section>
<section id="runs"><h2>Runs</h2>${runsTable(variants)}</section>
</main>
<footer class="foot"><p class="note">The unit is the run: a million requests of one run are one value. ${methodText(comparison)}</p></footer>
${jsonBlock(
  'comparison',
  figures.map(({ figure, rows }) => ({ figure: figure.name, better: figure.better, rows })),
)}`
  return writePage({
    title: `${variants.map(({ name }) => name).join(' | ')} - rusher bench compare`,
    body,
    styles: [pageStyle, comparisonStyle],
    scripts: [themeScript, chipsScript],
  })
}

function head(comparison: Comparison, toneOf: (variant: string) => Tone): Html {
  const { variants, differences } = comparison
  const runs = variants.reduce((sum, variant) => sum + variant.runs.length, 0)
  const only = noiseOnly(comparison)
  const sentences = only === undefined ? sentencesOf(comparison) : [only]
  const chips = variants.map(
    ({ name, runs }) =>
      html`<button type="button" hidden aria-pressed="true" data-variant="${name}"><i class="tone-${toneOf(name)}" aria-hidden="true">■</i> ${name} <small>${plural(runs.length, 'run')}</small></button>`,
  )
  const warnings =
    differences.length === 0
      ? nothing
      : html`<div class="warnings"><p><b>▲ These runs differ in more than the variant.</b> What a figure shows may be that.</p>${differences.map(
          ({ what, of }) =>
            html`<details${of.length <= 4 ? ' open' : ''}><summary>${what}</summary>${table(
              what,
              [what, 'runs'],
              of.map(({ text, runs }) => [text, runsText(runs)]),
              'texts',
            )}</details>`,
        )}</div>`
  return html`<header class="top"><p class="kicker">rusher bench compare <span>${variants[0]?.runs[0]?.bundle.plan.scenario.name ?? ''}</span> <span>${plural(variants.length, 'variant')}</span> <span>${plural(runs, 'run')}</span></p><h1>${variants.map(({ name }) => name).join(' | ')}</h1><ul class="sentences">${sentences.map((text) => html`<li>${text}</li>`)}</ul>${warnings}<div class="chips" role="group" aria-label="Variants shown">${chips}</div></header>`
}

function curves({ variants, headline }: Comparison, toneOf: (variant: string) => Tone): Html {
  const merged = variants.map(({ name, runs }) => ({
    label: name,
    group: name,
    tone: toneOf(name),
    histogram: mergeEncoded(
      runs.map(({ bundle }) => measuredHistogramOf(bundle.seconds, headline)),
    ),
  }))
  return percentileSpectrum(
    merged,
    [],
    `${kindTexts[headline]} by percentile, all runs of a variant together.`,
  )
}

function machines(variants: readonly Variant[]): Html {
  const columns = variants.map(({ runs }) => {
    const environment = runs[0]?.bundle.environment
    const facts = environment?.hosts[0]?.facts ?? environment?.controller
    const server = Object.entries(environment?.server ?? {}).map(([key, value]) => [
      `server, ${key}`,
      String(value),
    ])
    return {
      ...(facts === undefined ? {} : factsOf(facts)),
      ...Object.fromEntries(server),
    } as Record<string, string>
  })
  const keys = [...new Set(columns.flatMap((column) => Object.keys(column)))]
  const rows = keys.map((key) => {
    const texts = columns.map((column) => column[key] ?? '–')
    const isSame = new Set(texts).size === 1
    return [
      isSame ? key : html`<b class="differs"><span aria-hidden="true">≠ </span>${key}</b>`,
      ...texts.map((text) => (isSame ? text : html`<b>${text}</b>`)),
    ]
  })
  return table(
    'The first client host of each variant’s first run, and its server; ≠ marks what differs',
    ['', ...variants.map(({ name }) => name)],
    rows,
    'texts',
  )
}

function runsTable(variants: readonly Variant[]): Html {
  const rows = variants.flatMap((variant) =>
    variant.runs.map(({ name, bundle: { plan, environment, result } }) => [
      name,
      variant.name,
      result.verdict,
      timeText(environment.startedAt),
      `${countText(result.peak.ready)} of ${countText(plan.connections)}`,
      faultsOf(result.history) > 0
        ? html`<span class="bad">✗ ${historyText(result.history)}</span>`
        : historyText(result.history),
      String(plan.seed),
    ]),
  )
  return table(
    'Every run',
    ['run', 'variant', 'verdict', 'began', 'ready', 'history', 'seed'],
    rows,
    'texts',
  )
}
