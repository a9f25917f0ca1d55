import type { HostSecond } from '../../../../../bench-harness/bundle/bundle.ts'
import type { HostView } from '../../../../../bench-harness/view/run-view.ts'
import { bytesText, countText, msText, shareText } from '../../figures.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import { sparkline } from '../graphs/sparkline.ts'
import type { Glyphs } from '../look.ts'
import { chosenAt, hostsShown } from '../screen-state.ts'
import type { Room, Shown } from '../shown.ts'
import { clean, type Line, left, right, type Span, span, type Tone } from '../spans.ts'

interface Column {
  readonly name: string
  readonly cells: number
  /** The lower, the sooner it is left out where there is little room. */
  readonly rank: number
  readonly text: (host: HostView) => string
  readonly tone?: (host: HostView, shown: Shown) => Tone
}

const unknown = '-'

/** Beyond the plan's bounds a host is busy with itself. */
const busyLoop = ({ loopUse }: HostView, { view }: Shown): Tone =>
  loopUse > view.plan.health.loopUseMax ? 'warn' : 'plain'
const lateSends = ({ lagP99Ms }: HostView, { view }: Shown): Tone =>
  lagP99Ms > view.plan.health.lagMsMax ? 'warn' : 'plain'
const marks: Readonly<Partial<Record<Tone, 'warn' | 'bad'>>> = { warn: 'warn', bad: 'bad' }

const columns: readonly Column[] = [
  { name: 'wrk', cells: 5, rank: 5, text: ({ workers }) => countText(workers) },
  { name: 'ready', cells: 10, rank: 9, text: ({ ready }) => countText(ready) },
  {
    name: 'failed',
    cells: 8,
    rank: 4,
    text: ({ failed }) => countText(failed),
    tone: ({ failed }) => (failed > 0 ? 'bad' : 'plain'),
  },
  { name: 'msg/s', cells: 9, rank: 7, text: ({ sentPerSecond }) => countText(sentPerSecond) },
  {
    name: 'lag p99',
    cells: 10,
    rank: 8,
    text: ({ lagP99Ms }) => msText(lagP99Ms),
    tone: lateSends,
  },
  { name: 'loop', cells: 7, rank: 8, text: ({ loopUse }) => shareText(loopUse), tone: busyLoop },
  { name: 'cpu', cells: 6, rank: 2, text: ({ cpu }) => cpu.toFixed(2) },
  {
    name: 'ports',
    cells: 8,
    rank: 6,
    text: ({ portsLeft }) => (portsLeft === undefined ? unknown : countText(portsLeft)),
  },
  {
    name: 'fds',
    cells: 11,
    rank: 3,
    text: ({ descriptorsLeft }) =>
      descriptorsLeft === undefined ? unknown : countText(descriptorsLeft),
  },
  { name: 'memory', cells: 10, rank: 1, text: ({ rssBytes }) => bytesText(rssBytes) },
]

const nameCells = 13
const stateCells = 14
/** A spark that is shorter says nothing. */
const sparkCells = 12

/** A row for each host, as many as there is room for around the chosen one. */
export function hostLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const hosts = hostsShown(view, state)
  const shownColumns = columnsFor(width)
  const taken = shownColumns.reduce((sum, { cells }) => sum + cells, 2 + nameCells + stateCells)
  const room = width - taken - 2
  const spark = room >= sparkCells ? Math.min(40, room) : 0
  const head = [
    span(left('', 2) + left('host', nameCells) + left('state', stateCells), 'dim'),
    ...shownColumns.map(({ name, cells }) => span(right(name, cells), 'dim')),
    ...(spark > 0 ? [span(`  ${left('loop use', spark)}`, 'dim')] : []),
  ]
  if (hosts.length === 0) return [head, [span(nothingText(shown), 'dim')]]
  const chosen = chosenAt(hosts, state)
  const rows = Math.max(0, height - 1)
  const first = firstShown(chosen, hosts.length, rows)
  const lines = hosts.slice(first, first + rows).map((host): Line => {
    const isChosen = host === hosts[chosen]
    return [
      isChosen ? span(`${look.glyphs.chosen} `, 'chosen') : span('  '),
      span(left(clean(host.name), nameCells - 1), isChosen ? 'chosen' : 'plain'),
      span(' '),
      ...stateSpans(host, look.glyphs),
      ...shownColumns.map((column) => cellOf(column, host, shown)),
      ...(spark > 0 ? [span('  '), loopSpark(shown, host, spark)] : []),
    ]
  })
  return [head, ...lines]
}

function cellOf({ cells, text, tone }: Column, host: HostView, shown: Shown): Span {
  const meaning = tone?.(host, shown) ?? 'plain'
  const mark = marks[meaning]
  const marked = mark === undefined ? '' : ` ${shown.look.glyphs[mark]}`
  return span(right(text(host) + marked, cells), meaning)
}

/** How many of the hosts stand above and below those that are shown. */
export function hostsAside({ view, state }: Shown, rows: number): Line {
  const hosts = hostsShown(view, state)
  const told = [
    ...(state.filter === '' ? [] : [`filter /${state.filter}`]),
    ...(state.faultsOnly ? ['faults only'] : []),
    ...(hosts.length > rows ? [`${chosenAt(hosts, state) + 1} of ${hosts.length}`] : []),
  ]
  return told.length === 0 ? [] : [span(told.join(', '), 'dim')]
}

function nothingText({ state, view }: Shown): string {
  if (view.hosts.length === 0) return '  no host is connected yet'
  return state.faultsOnly ? '  no host has a fault' : `  no host is called like "${state.filter}"`
}

function columnsFor(width: number): readonly Column[] {
  let room = width - 2 - nameCells - stateCells
  const kept = new Set<Column>()
  for (const column of [...columns].sort((a, b) => b.rank - a.rank)) {
    if (column.cells > room) continue
    kept.add(column)
    room -= column.cells
  }
  return columns.filter((column) => kept.has(column))
}

/** Keeps the chosen one in sight. */
function firstShown(chosen: number, hosts: number, rows: number): number {
  if (hosts <= rows) return 0
  return Math.max(0, Math.min(hosts - rows, chosen - Math.floor(rows / 2)))
}

/** Symbol and words of a host's state; a stale one with its seconds. */
export function stateSpans(host: HostView, glyphs: Glyphs): readonly Span[] {
  const { mark, tone, text } = stateOf(host, glyphs)
  return [span(left(`${mark} ${clean(text)}`, stateCells - 1), tone), span(' ')]
}

function stateOf(
  { state, stateText, staleS }: HostView,
  glyphs: Glyphs,
): { readonly mark: string; readonly tone: Tone; readonly text: string } {
  switch (state) {
    case 'connecting':
      return { mark: glyphs.waiting, tone: 'dim', text: 'connecting' }
    case 'preparing':
      return { mark: glyphs.waiting, tone: 'dim', text: 'preparing' }
    case 'running':
      return { mark: glyphs.good, tone: 'good', text: stateText }
    case 'stale':
      return { mark: glyphs.warn, tone: 'warn', text: `stale ${staleS} s` }
    case 'dead':
      return { mark: glyphs.bad, tone: 'bad', text: 'dead' }
    case 'done':
      return { mark: glyphs.good, tone: 'dim', text: 'done' }
    default:
      return state satisfies never
  }
}

function loopSpark({ view, state, look }: Shown, { name }: HostView, cells: number): Span {
  const slots = slotsOf(view.seconds, state.windowS, cells)
  const values = greatestOf(slots, ({ hosts }) => hostOf(hosts, name)?.loopUse)
  return span(sparkline(values, 1, look), 'accent')
}

/** What a host had in a second. */
export function hostOf(hosts: readonly HostSecond[], name: string): HostSecond | undefined {
  return hosts.find((host) => host.name === name)
}
