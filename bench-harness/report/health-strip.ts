import type { Second } from '../bundle/bundle.ts'
import type { HealthBounds } from '../plan/plan.ts'
import { countText, msText, shareText } from './figures.ts'
import { type Html, html } from './html.ts'
import { drawn, frameOf, linearScale, linearTicks, px, svg, xAxis, xRange } from './svg.ts'
import { tableTwin } from './table.ts'
import { overloadedStretches } from './time-chart.ts'

/** Steps of darkness: shares of the bound up to which an event loop is calm, busy, very busy; beyond the last it is over it. */
const steps = [0.25, 0.5, 0.75, 1] as const

/**
 * How busy each client host was, second by second, with those striped in which the load generator
 * was overloaded.
 */
export function healthStrip(seconds: readonly Second[], bounds: HealthBounds): Html {
  const names = [...new Set(seconds.flatMap(({ hosts }) => hosts.map(({ name }) => name)))]
  const label =
    'Event loop use of the clients; in striped seconds the load generator was overloaded.'
  const rows = names.map((name) => {
    const own = seconds.flatMap(({ hosts }) => hosts.filter((host) => host.name === name))
    const most = (of: (host: (typeof own)[number]) => number) => Math.max(...own.map(of))
    return [
      name,
      shareText(most(({ loopUse }) => loopUse)),
      msText(most(({ lagP99Ms }) => lagP99Ms)),
      countText(own.filter(({ loopUse }) => loopUse > bounds.loopUseMax).length),
      countText(own.filter(({ lagP99Ms }) => lagP99Ms > bounds.lagMsMax).length),
    ]
  })
  const head = [
    'host',
    'loop busy, most',
    'sent late, most',
    `seconds over ${shareText(bounds.loopUseMax)}`,
    `seconds over ${msText(bounds.lagMsMax)} late`,
  ]
  return html`<figure>${key()}${drawn((width) => draw(seconds, names, bounds, label, width))}${tableTwin(label, head, rows)}</figure>`
}

function key(): Html {
  const texts = ['calm', 'half of its bound', 'near its bound', 'at its bound', 'over it']
  const items = texts.map(
    (text, level) =>
      html`<li><svg class="key" viewBox="0 0 14 14" aria-hidden="true"><rect class="heat-${level}" width="14" height="14" rx="2"/></svg>${text}</li>`,
  )
  return html`<ul class="legend">${items}<li><svg class="key" viewBox="0 0 14 14" aria-hidden="true"><rect class="overloaded" fill="url(#hatch)" width="14" height="14" rx="2"/></svg>load generator overloaded</li></ul>`
}

function draw(
  seconds: readonly Second[],
  names: readonly string[],
  bounds: HealthBounds,
  label: string,
  width: number,
): Html {
  const isWide = width > 500
  const height = 22
  const frame = frameOf(width, names.length * (height + 4) + 40, {
    left: isWide ? 110 : 78,
    top: 4,
  })
  const x = linearScale([seconds[0]?.t ?? 0, (seconds.at(-1)?.t ?? 0) + 1], xRange(frame))
  const strips = names.map((name, row) => {
    const top = frame.top + row * (height + 4)
    const paths = pathsOf(seconds, name, bounds)
    const place = `translate(${frame.left} ${top + height / 2}) scale(${x(1) - x(0)} 1)`
    return html`<text class="tick" x="${frame.left - 8}" y="${top + 15}" text-anchor="end">${shortened(name, isWide ? 15 : 10)}</text><g transform="${place}" stroke-width="${height}">${paths.map((path, level) => html`<path class="heat-line-${level}" d="${path}"/>`)}</g>`
  })
  const striped = overloadedStretches(seconds).map(
    ([from, to]) =>
      html`<rect class="overloaded" fill="url(#hatch)" x="${px(x(from))}" width="${px(x(to + 1) - x(from))}" y="${frame.top}" height="${names.length * (height + 4) - 4}"/>`,
  )
  const [first, last] = [seconds[0]?.t ?? 0, seconds.at(-1)?.t ?? 0]
  const ticks = linearTicks(first, last, isWide ? 10 : 5).map((t) => ({ at: x(t), text: `${t} s` }))
  return svg(frame, label, html`${strips}${striped}${xAxis(frame, ticks, '')}`)
}

/** One path for each step, a second the unit; seconds of the same step that follow one another are one stroke. */
function pathsOf(seconds: readonly Second[], name: string, bounds: HealthBounds): string[] {
  const paths = Array.from({ length: steps.length + 1 }, () => '')
  const first = seconds[0]?.t ?? 0
  const levels = seconds.map(({ hosts }) => {
    const host = hosts.find((one) => one.name === name)
    return host === undefined ? undefined : levelOf(host, bounds)
  })
  const fromOf = (index: number) => (index === 0 ? first : (seconds[index - 1]?.t ?? 0) + 1)
  for (let index = 0; index < levels.length; index += 1) {
    const level = levels[index]
    if (level === undefined) continue
    let last = index
    while (levels[last + 1] === level) last += 1
    paths[level] += `M${fromOf(index) - first} 0H${(seconds[last]?.t ?? 0) + 1 - first}`
    index = last
  }
  return paths
}

/** The nearer of the two, event loop and lateness, to its bound. */
function levelOf(
  { loopUse, lagP99Ms }: { readonly loopUse: number; readonly lagP99Ms: number },
  bounds: HealthBounds,
): number {
  const share = Math.max(loopUse / bounds.loopUseMax, lagP99Ms / bounds.lagMsMax)
  const level = steps.findIndex((step) => share <= step)
  return level < 0 ? steps.length : level
}

function shortened(name: string, charsMax: number): string {
  return name.length <= charsMax ? name : `${name.slice(0, charsMax - 1)}…`
}
