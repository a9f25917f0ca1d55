import { throughputLines } from './lines/throughput-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** Messages and bytes a second. */
export function ThroughputPanel({
  shown,
  place,
}: {
  readonly shown: Shown
  readonly place: Place
}) {
  const frame = { ...place, title: 'throughput' }
  return <Panel frame={frame} lines={throughputLines(shown, roomIn(place))} look={shown.look} />
}
