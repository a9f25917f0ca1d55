import type { ServerSecond } from '../../../../../bench-harness/bundle/bundle.ts'
import type { RunView } from '../../../../../bench-harness/view/run-view.ts'
import { bytesText, countText, msText, shareText } from '../../figures.ts'
import { type GraphRow, graphRows } from '../graphs/graph-row.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import type { Look } from '../look.ts'
import type { Room, Shown } from '../shown.ts'
import { cellsOf, type Line, left, span, type Tone } from '../spans.ts'

interface Figure {
  readonly name: string
  /** For where there is little room. */
  readonly short: string
  readonly pick: (server: ServerSecond) => number | undefined
  readonly text: (value: number) => string
  /** Full height of its graph, where it has a natural one. */
  readonly most?: number
}

const figures: readonly Figure[] = [
  { name: 'cpu', short: 'cpu', pick: ({ cpu }) => cpu, text: (cpu) => `${cpu.toFixed(2)} cores` },
  {
    name: 'busiest thread',
    short: 'busiest',
    pick: ({ busiestThread }) => busiestThread,
    text: (share) => shareText(share),
    most: 1,
  },
  { name: 'memory', short: 'memory', pick: ({ rssBytes }) => rssBytes, text: bytesText },
  {
    name: 'loop delay p99',
    short: 'loop p99',
    pick: ({ loopDelayP99Ms }) => loopDelayP99Ms,
    text: msText,
  },
  { name: 'sessions', short: 'sessions', pick: ({ sessions }) => sessions, text: countText },
  { name: 'sockets', short: 'sockets', pick: ({ kernel }) => kernel, text: countText },
  { name: 'descriptors', short: 'fds', pick: ({ descriptors }) => descriptors, text: countText },
  {
    name: 'fds left',
    short: 'fds left',
    pick: ({ descriptorsLeft }) => descriptorsLeft,
    text: countText,
  },
  {
    name: 'tcp memory',
    short: 'tcp mem',
    pick: ({ tcpMemoryBytes }) => tcpMemoryBytes,
    text: bytesText,
  },
  { name: 'kernel slab', short: 'slab', pick: ({ slabBytes }) => slabBytes, text: bytesText },
  {
    name: 'database',
    short: 'database',
    pick: ({ databaseBytes }) => databaseBytes,
    text: bytesText,
  },
]

const silent: Line = [span('the server shows nothing of itself', 'dim')]

/** What the server's side shows, in two columns; growing counters of trouble first, since they tell who gives out. */
export function serverLines({ view, look }: Shown, { width, height }: Room): readonly Line[] {
  const { server } = view.second ?? {}
  if (server === undefined) return [silent]
  const perConnection = bytesPerConnection(view)
  const known = figures.flatMap(({ name, short, pick, text }) => {
    const value = pick(server)
    return value === undefined ? [] : [cell(width < 50 ? short : name, text(value), 'plain', width)]
  })
  const trouble = troubleOf(server).map(([name, grown]) =>
    cell(name, `+${countText(grown)} ${look.glyphs.warn}`, 'warn', width),
  )
  const each =
    perConnection === undefined
      ? []
      : [cell(width < 50 ? 'per conn' : 'per connection', bytesText(perConnection), 'plain', width)]
  const first = known.slice(0, 3)
  const cells = [...first, ...each, ...trouble, ...known.slice(3)]
  return Array.from({ length: Math.min(height, Math.ceil(cells.length / 2)) }, (_, row) => [
    ...(cells[row * 2] ?? []),
    span('  '),
    ...(cells[row * 2 + 1] ?? []),
  ])
}

function cell(name: string, text: string, tone: Tone, width: number): Line {
  const cells = Math.floor((width - 2) / 2)
  const nameCells = Math.max(0, cells - cellsOf(text) - 1)
  return [span(`${left(name, nameCells)} `, 'dim'), span(text, tone)]
}

/** Each figure over time, and the counters that tell of trouble. */
export function serverTable(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const { server } = view.second ?? {}
  if (server === undefined) return [silent]
  const rows = figures.flatMap(({ name, pick, text, most }): readonly GraphRow[] => {
    const value = pick(server)
    if (value === undefined) return []
    const values = (columns: number) =>
      greatestOf(
        slotsOf(view.seconds, state.windowS, columns),
        (second) => second.server && pick(second.server),
      )
    return [{ label: name, text: text(value), values, ...(most === undefined ? {} : { most }) }]
  })
  const notes = [...perConnectionLine(view), ...troubleLines(server, look)]
  const graphs = graphRows(rows, { width, height: height - notes.length - 1 }, look)
  return [...graphs, [], ...notes].slice(0, height)
}

function perConnectionLine(view: RunView): readonly Line[] {
  const bytes = bytesPerConnection(view)
  if (bytes === undefined) return []
  return [[span('one more connection takes ', 'dim'), span(bytesText(bytes), 'strong')]]
}

function troubleLines(server: ServerSecond, { glyphs }: Look): readonly Line[] {
  return troubleOf(server).map(
    ([name, grown]): Line => [
      span(`${glyphs.warn} ${left(name, 28)}`, 'warn'),
      span(`grew by ${countText(grown)} since the run began`),
    ],
  )
}

function troubleOf({ counters = {} }: ServerSecond): readonly (readonly [string, number])[] {
  return Object.entries(counters).filter(([, grown]) => grown > 0)
}

/** Growth of memory, the kernel's included, by one more ready connection, since the first second that is known. */
function bytesPerConnection({ seconds, second }: RunView): number | undefined {
  const first = seconds.find(({ server }) => server?.rssBytes !== undefined)
  if (first?.server === undefined || second?.server?.rssBytes === undefined) return undefined
  const opened = second.ledger.now.ready - first.ledger.now.ready
  if (opened < 100) return undefined
  const bytes = ({ rssBytes = 0, slabBytes = 0, tcpMemoryBytes = 0 }: ServerSecond) =>
    rssBytes + slabBytes + tcpMemoryBytes
  return (bytes(second.server) - bytes(first.server)) / opened
}
