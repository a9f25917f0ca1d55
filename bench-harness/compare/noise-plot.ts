import { type Html, html } from '../report/html.ts'
import { drawn, frameOf, logScale, px, svg, xAxis, xRange } from '../report/svg.ts'
import { table } from '../report/table.ts'
import type { Tone } from '../report/time-chart.ts'
import type { Comparison, Delta } from './compare-runs.ts'
import { outcomeText, ratioText, signed } from './comparison-words.ts'

interface Line {
  readonly figure: string
  readonly variant: string
  readonly delta: Delta
}

/** Every difference to the first variant on one axis, each with the band in which it would be noise. */
export function noisePlot({ figures }: Comparison, toneOf: (variant: string) => Tone): Html {
  const lines = figures.flatMap(({ figure, rows }) =>
    rows.flatMap(({ variant, delta }) =>
      delta === undefined ? [] : [{ figure: figure.name, variant, delta }],
    ),
  )
  if (lines.length === 0) return html``
  const rows = lines.map(({ figure, variant, delta }) => [
    figure,
    variant,
    ratioText(delta),
    `± ${signed(1 + delta.noise).slice(1)}`,
    outcomeText(delta),
  ])
  const head = ['figure', 'variant', 'difference', 'noise', 'outcome']
  return html`<figure>${drawn((width) => draw(lines, toneOf, width))}<details class="twin"><summary>The same as a table</summary>${table('Differences to the first variant', head, rows, 'texts')}</details></figure>`
}

const rowHeight = 40

function draw(lines: readonly Line[], toneOf: (variant: string) => Tone, width: number): Html {
  const isWide = width > 500
  const frame = frameOf(width, lines.length * rowHeight + 44, {
    left: isWide ? 250 : 12,
    top: 4,
    right: 20,
  })
  const ratios = lines.flatMap(({ delta }) => [
    delta.ratio,
    delta.interval?.low ?? 1,
    delta.interval?.high ?? 1,
    1 + delta.noise,
    1 / (1 + delta.noise),
  ])
  const far = Math.max(1.05, ...ratios.map((ratio) => Math.max(ratio, 1 / ratio))) * 1.02
  const x = logScale([1 / far, far], xRange(frame))
  const rows = lines.map((line, index) => {
    const { figure, variant, delta } = line
    const top = frame.top + index * rowHeight
    const middle = top + (isWide ? rowHeight / 2 : rowHeight - 10)
    const [from, to] = [x(1 / (1 + delta.noise)), x(1 + delta.noise)]
    const { low, high } = delta.interval ?? { low: delta.ratio, high: delta.ratio }
    const name = isWide
      ? html`<text class="tick" x="${frame.left - 12}" y="${middle - 3}" text-anchor="end">${figure}</text><text class="tick" x="${frame.left - 12}" y="${middle + 11}" text-anchor="end">${clipped(variant)}</text>`
      : html`<text class="tick" x="${frame.left}" y="${top + 14}">${clipped(`${figure}, ${variant}`)}</text>`
    return html`<g data-group="${variant}"><rect class="noise" x="${px(from)}" width="${px(to - from)}" y="${middle - 9}" height="18"/>${name}<path class="whisker stroke-${toneOf(variant)}" d="M${px(x(low))} ${middle}H${px(x(high))}"/><circle class="dot-${toneOf(variant)}" cx="${px(x(delta.ratio))}" cy="${middle}" r="4.5"/></g>`
  })
  const one = px(x(1))
  const ticks = ticksOf(far, isWide).map((ratio) => ({ at: x(ratio), text: signed(ratio) }))
  return svg(
    frame,
    'Differences to the first variant, each with the band in which it would be noise.',
    html`<line class="base" x1="${one}" x2="${one}" y1="${frame.top}" y2="${frame.height - frame.bottom}"/>${rows}${xAxis(frame, ticks, '')}`,
  )
}

/** Round changes that fit. */
function ticksOf(far: number, isWide: boolean): number[] {
  const step =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find(
      (size) => (far - 1) / size <= (isWide ? 5 : 2),
    ) ?? 10
  const ticks: number[] = [1]
  for (let at = step; 1 + at <= far; at += step) ticks.push(1 + at)
  for (let at = step; at < 1 && 1 - at >= 1 / far; at += step) ticks.push(1 - at)
  return ticks
}

function clipped(text: string): string {
  return text.length <= 36 ? text : `${text.slice(0, 35)}…`
}
