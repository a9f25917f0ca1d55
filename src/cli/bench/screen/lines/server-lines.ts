import type { ServerSecond } from '../../../../../bench-harness/bundle/bundle.ts'
import type { RunView } from '../../../../../bench-harness/view/run-view.ts'
import { bytesText, countText, msText, shareText } from '../../figures.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import { sparkline } from '../graphs/sparkline.ts'
import type { Room, Shown } from '../shown.ts'
import { type Line, left, right, span, type Tone } from '../spans.ts'

interface Figure {
  readonly name: string
  readonly pick: (server: ServerSecond) => number | undefined
  readonly text: (value: number) => string
  /** Full height of its graph, where it has a natural one. */
  readonly most?: number
}

const figures: readonly Figure[] = [
  { name: 'cpu', pick: ({ cpu }) => cpu, text: (cpu) => `${cpu.toFixed(2)} cores` },
  {
    name: 'busiest thread',
    pick: ({ busiestThread }) => busiestThread,
    text: (share) => shareText(share, 0),
    most: 1,
  },
  { name: 'memory', pick: ({ rssBytes }) => rssBytes, text: bytesText },
  { name: 'loop delay p99', pick: ({ loopDelayP99Ms }) => loopDelayP99Ms, text: msText },
  { name: 'sessions', pick: ({ sessions }) => sessions, text: countText },
  { name: 'sockets', pick: ({ kernel }) => kernel, text: countText },
  { name: 'descriptors', pick: ({ descriptors }) => descriptors, text: countText },
  { name: 'fds left', pick: ({ descriptorsLeft }) => descriptorsLeft, text: countText },
  { name: 'tcp memory', pick: ({ tcpMemoryBytes }) => tcpMemoryBytes, text: bytesText },
  { name: 'kernel slab', pick: ({ slabBytes }) => slabBytes, text: bytesText },
  { name: 'database', pick: ({ databaseBytes }) => databaseBytes, text: bytesText },
]

const silent: Line = [span('the server shows nothing of itself', 'dim')]

/** What the server's side shows, in two columns; growing counters of trouble first, since they tell who gives out. */
export function serverLines({ view, look }: Shown, { width, height }: Room): readonly Line[] {
  const { server } = view.second ?? {}
  if (server === undefined) return [silent]
  const perConnection = bytesPerConnection(view)
  const known = figures.flatMap(({ name, pick, text }) => {
    const value = pick(server)
    return value === undefined ? [] : [cell(name, text(value), 'plain', width)]
  })
  const trouble = troubleOf(server).map(([name, grown]) =>
    cell(name, `+${countText(grown)} ${look.glyphs.warn}`, 'warn', width),
  )
  const each =
    perConnection === undefined
      ? []
      : [cell('per connection', bytesText(perConnection), 'plain', width)]
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
  const valueCells = Math.min(12, cells - 6)
  return [span(left(name, cells - valueCells), 'dim'), span(right(text, valueCells), tone)]
}

/** Each figure over time, and the counters that tell of trouble. */
export function serverTable(
  { view, state, look }: Shown,
  { width, height }: Room,
): readonly Line[] {
  const { server } = view.second ?? {}
  if (server === undefined) return [silent]
  const cells = Math.max(10, width - 34)
  const slots = slotsOf(view.seconds, state.windowS, cells)
  const rows = figures.flatMap(({ name, pick, text, most }): readonly Line[] => {
    const value = pick(server)
    if (value === undefined) return []
    const values = greatestOf(slots, (second) => second.server && pick(second.server))
    const max = most ?? Math.max(0, ...values.map((each) => each ?? 0))
    return [
      [
        span(left(name, 16), 'dim'),
        span(right(text(value), 14), 'strong'),
        span('  '),
        span(sparkline(values, max, look), 'accent'),
      ],
    ]
  })
  const perConnection = bytesPerConnection(view)
  const each: readonly Line[] =
    perConnection === undefined
      ? []
      : [
          [
            span(left('per connection', 16), 'dim'),
            span(right(bytesText(perConnection), 14), 'strong'),
          ],
        ]
  const trouble = troubleOf(server).map(
    ([name, grown]): Line => [
      span(`${look.glyphs.warn} ${left(name, 28)}`, 'warn'),
      span(`grew by ${countText(grown)} since the run began`),
    ],
  )
  return [...rows, ...each, [], ...trouble].slice(0, height)
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
