import { type Html, html } from '../report/html.ts'
import { linearScale, px } from '../report/svg.ts'
import { table } from '../report/table.ts'
import type { Tone } from '../report/time-chart.ts'
import type { ComparedRow, ComparedRows } from './compare-runs.ts'
import { basisText, outcomeText, ratioText } from './comparison-words.ts'

const barHeight = 26

/**
 * A figure's variants in the order given: a bar of the median, a whisker of its 95 %, a stroke for
 * each run, and how near it is to the best.
 */
export function figureBars(
  { figure, rows }: ComparedRows,
  toneOf: (variant: string) => Tone,
): Html {
  const most = Math.max(
    ...rows.flatMap(({ median, interval, values }) => [median, interval?.high ?? 0, ...values]),
  )
  const bars = rows.map(
    (row) =>
      html`<li data-group="${row.variant}"><span class="name"><i class="swatch tone-${toneOf(row.variant)}" aria-hidden="true">■</i> ${row.variant}</span>${bar(row, most, toneOf(row.variant))}<span class="value">${figure.text(row.median)}</span><span class="share">${Math.round(row.ofBest * 100)} % of best</span><span class="delta">${deltaText(row)}</span></li>`,
  )
  const cells = rows.map(({ variant, median, interval, values, ofBest, delta }) => [
    variant,
    figure.text(median),
    interval === undefined ? '–' : `${figure.text(interval.low)} – ${figure.text(interval.high)}`,
    values.map((value) => figure.text(value)).join(', '),
    `${Math.round(ofBest * 100)} %`,
    delta === undefined
      ? 'the others are held against it'
      : `${ratioText(delta)}: ${outcomeText(delta)}`,
    delta === undefined ? '–' : basisText(delta),
  ])
  const head = ['variant', 'median', '95 %', 'each run', 'of best', 'difference', 'rests on']
  return html`<figure class="bars"><h3>${figure.name} <small>${figure.better} is better</small></h3><ul>${bars}</ul><details class="twin"><summary>The same as a table, with what it rests on</summary>${table(figure.name, head, cells, 'texts')}</details></figure>`
}

function bar({ median, interval, values }: ComparedRow, most: number, tone: Tone): Html {
  const x = linearScale([0, most * 1.02], [0, 400])
  const middle = barHeight / 2
  const whisker =
    interval === undefined
      ? []
      : [
          html`<path class="whisker" d="M${px(x(interval.low))} ${middle}H${px(x(interval.high))}M${px(x(interval.low))} ${middle - 5}v10M${px(x(interval.high))} ${middle - 5}v10"/>`,
        ]
  const runs = values.map((value) => `M${px(x(value))} ${barHeight - 6}v6`).join('')
  return html`<svg viewBox="0 0 400 ${barHeight}" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-${tone}" fill-opacity="0.55" x="0" y="4" width="${px(x(median))}" height="${barHeight - 12}" rx="2"/>${whisker}<path class="run" d="${runs}"/></svg>`
}

function deltaText({ delta }: ComparedRow): Html {
  if (delta === undefined) return html`<small>the others are held against it</small>`
  const mark = { better: '✓', worse: '✗', 'no difference shown': '=' }[delta.outcome]
  const tone = { better: 'good', worse: 'bad', 'no difference shown': 'same' }[delta.outcome]
  return html`<b class="${tone}">${mark} ${outcomeText(delta)}</b> <small>${ratioText(delta)}</small>`
}
