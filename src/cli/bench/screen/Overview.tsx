import { Box } from 'ink'
import { ErrorsPanel } from './ErrorsPanel.tsx'
import { EventsPanel } from './EventsPanel.tsx'
import { HostsPanel } from './HostsPanel.tsx'
import { LatencyPanel } from './LatencyPanel.tsx'
import { overviewLayout, type Size } from './layout.ts'
import { ReadyPanel } from './ReadyPanel.tsx'
import { ServerPanel } from './ServerPanel.tsx'
import type { Shown } from './shown.ts'

/** Everything at once, in short. */
export function Overview({ shown, size }: { readonly shown: Shown; readonly size: Size }) {
  const { boxed, wide, ...rows } = overviewLayout(size, shown.view.hosts.length)
  const { columns } = size
  const place = (width: number, height: number) => ({ width, height, boxed })
  const readyCells = wide ? Math.floor(columns * 0.52) : columns
  const errorCells = Math.floor(columns / 2)
  return (
    <>
      <Box flexDirection={wide ? 'row' : 'column'}>
        <ReadyPanel shown={shown} place={place(readyCells, rows.ready)} />
        <LatencyPanel
          shown={shown}
          place={place(wide ? columns - readyCells : columns, rows.latency)}
        />
      </Box>
      <HostsPanel shown={shown} place={place(columns, rows.hosts)} />
      <Box>
        <ErrorsPanel shown={shown} place={place(errorCells, rows.lower)} />
        <ServerPanel shown={shown} place={place(columns - errorCells, rows.lower)} />
      </Box>
      <EventsPanel shown={shown} place={place(columns, rows.events)} />
    </>
  )
}
