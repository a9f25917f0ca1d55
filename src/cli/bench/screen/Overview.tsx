import { Box } from 'ink'
import { ErrorsPanel } from './ErrorsPanel.tsx'
import { EventsPanel } from './EventsPanel.tsx'
import { HostsPanel } from './HostsPanel.tsx'
import { LatencyPanel } from './LatencyPanel.tsx'
import { overviewLayout, type Size } from './layout.ts'
import { ReadyPanel } from './ReadyPanel.tsx'
import { ServerPanel } from './ServerPanel.tsx'
import type { Shown } from './shown.ts'
import { ThroughputPanel } from './ThroughputPanel.tsx'

const narrowThroughputCells = 27

/** Everything at once, in short. */
export function Overview({ shown, size }: { readonly shown: Shown; readonly size: Size }) {
  const { boxed, wide, ...rows } = overviewLayout(size, shown.view.hosts.length)
  const { columns } = size
  const place = (width: number, height: number) => ({ width, height, boxed })
  const readyCells = wide ? Math.floor(columns * 0.52) : columns
  // Wide: errors, throughput and server in one row. Otherwise throughput stands beside latency.
  const errorCells = Math.floor(columns * (wide ? 0.3 : 0.5))
  const throughputCells = wide ? Math.floor(columns * 0.3) : narrowThroughputCells
  return (
    <>
      <Box flexDirection={wide ? 'row' : 'column'}>
        <ReadyPanel shown={shown} place={place(readyCells, rows.ready)} />
        <Box>
          <LatencyPanel
            shown={shown}
            place={place(columns - (wide ? readyCells : throughputCells), rows.latency)}
          />
          {wide ? undefined : (
            <ThroughputPanel shown={shown} place={place(throughputCells, rows.latency)} />
          )}
        </Box>
      </Box>
      <HostsPanel shown={shown} place={place(columns, rows.hosts)} />
      <Box>
        <ErrorsPanel shown={shown} place={place(errorCells, rows.lower)} />
        {wide ? (
          <ThroughputPanel shown={shown} place={place(throughputCells, rows.lower)} />
        ) : undefined}
        <ServerPanel
          shown={shown}
          place={place(columns - errorCells - (wide ? throughputCells : 0), rows.lower)}
        />
      </Box>
      <EventsPanel shown={shown} place={place(columns, rows.events)} />
    </>
  )
}
