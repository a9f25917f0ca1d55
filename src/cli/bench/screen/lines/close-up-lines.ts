import type { HostSecond } from '../../../../../bench-harness/bundle/bundle.ts'
import type { HostView } from '../../../../../bench-harness/view/run-view.ts'
import { bytesText, countText, msText, shareText } from '../../figures.ts'
import { type GraphRow, graphRows } from '../graphs/graph-row.ts'
import { greatestOf, slotsOf } from '../graphs/slots.ts'
import type { Room, Shown } from '../shown.ts'
import { type Line, right, span } from '../spans.ts'
import { hostOf, stateSpans } from './host-lines.ts'

interface Figure {
  readonly label: string
  readonly pick: (second: HostSecond) => number
  readonly text: (value: number) => string
  readonly most?: number
}

const figures: readonly Figure[] = [
  { label: 'ready', pick: ({ ready }) => ready, text: countText },
  { label: 'sent', pick: ({ sent }) => sent, text: (sent) => `${countText(sent)}/s` },
  { label: 'lag p99', pick: ({ lagP99Ms }) => lagP99Ms, text: msText },
  { label: 'loop use', pick: ({ loopUse }) => loopUse, text: (use) => shareText(use), most: 1 },
  { label: 'cpu', pick: ({ cpu }) => cpu, text: (cpu) => `${cpu.toFixed(2)} cores` },
  { label: 'memory', pick: ({ rssBytes }) => rssBytes, text: bytesText },
]

/** One host closely: its figures over time, and its workers. */
export function closeUpLines(
  { view, state, look }: Shown,
  host: HostView,
  { width, height }: Room,
): readonly Line[] {
  const last = hostOf(view.seconds.at(-1)?.hosts ?? [], host.name)
  const rows = figures.map(({ label, pick, text, most }): GraphRow => {
    const values = (columns: number) =>
      greatestOf(slotsOf(view.seconds, state.windowS, columns), ({ hosts }) => {
        const second = hostOf(hosts, host.name)
        return second === undefined ? undefined : pick(second)
      })
    const shown = last === undefined ? '-' : text(pick(last))
    return { label, text: shown, values, ...(most === undefined ? {} : { most }) }
  })
  const workers = workerLines(host)
  const graphs = graphRows(rows, { width, height: height - workers.length - 2 }, look)
  const left = [
    `failed ${countText(host.failed)}`,
    ...(host.portsLeft === undefined ? [] : [`ports left ${countText(host.portsLeft)}`]),
    ...(host.descriptorsLeft === undefined
      ? []
      : [`descriptors left ${countText(host.descriptorsLeft)}`]),
  ]
  return [
    [...stateSpans(host, look.glyphs), span(left.join('   '))],
    ...graphs,
    [],
    ...workers,
  ].slice(0, height)
}

const workerColumns = ['worker', 'ready', 'loop', 'lag p99', 'memory']
const columnCells = 11

function workerLines({ byWorker }: HostView): readonly Line[] {
  const row = (cells: readonly string[]) => cells.map((cell) => right(cell, columnCells)).join('')
  return [
    [span(row(workerColumns), 'dim')],
    ...byWorker.map(({ worker, ready, loopUse, lagP99Ms, rssBytes }): Line => {
      const figuresOf = [countText(ready), shareText(loopUse), msText(lagP99Ms)]
      return [span(row([countText(worker), ...figuresOf, bytesText(rssBytes)]))]
    }),
  ]
}
