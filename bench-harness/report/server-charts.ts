import type { RunBundle, ServerSecond } from '../bundle/bundle.ts'
import type { TimeChart, TimeSeries } from './time-chart.ts'

/** Processors and memory of the server's side; each is left out where nothing was told. */
export function serverCharts({ seconds }: RunBundle): readonly TimeChart[] {
  const told = (
    key: Exclude<keyof ServerSecond, 'counters'>,
    look: Omit<TimeSeries, 'values'>,
  ): TimeSeries[] => {
    const values = seconds.map(({ server }) => server?.[key] ?? null)
    return values.some((value) => value !== null) ? [{ ...look, values }] : []
  }
  const charts: TimeChart[] = [
    {
      id: 'server-cpu',
      title: 'Processors',
      label: 'Processors that the server used, and the share of one that its busiest thread had.',
      unit: 'processors',
      series: [
        ...told('cpu', { label: 'processors', tone: 1, stroke: 'area' }),
        ...told('busiestThread', { label: 'busiest thread', tone: 2, stroke: 'dashed' }),
      ],
    },
    {
      id: 'server-memory',
      title: 'Memory',
      label: 'Memory of the server’s processes, and what the kernel holds for its sockets.',
      unit: 'bytes',
      series: [
        ...told('rssBytes', { label: 'RSS', tone: 3, stroke: 'area' }),
        ...told('slabBytes', { label: 'kernel slab', tone: 5, stroke: 'dashed' }),
        ...told('tcpMemoryBytes', { label: 'TCP buffers', tone: 4, stroke: 'dotted' }),
      ],
    },
    {
      id: 'server-loop',
      title: 'Event loop delay',
      label: 'How long the server’s event loop stood still, 99th percentile of each second.',
      unit: 'ms',
      series: told('loopDelayP99Ms', { label: 'loop delay p99', tone: 4, stroke: 'solid' }),
    },
  ]
  return charts.filter(({ series }) => series.length > 0)
}
