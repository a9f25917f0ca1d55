import { latencyLines, shownKind } from './lines/latency-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** The headline latency. */
export function LatencyPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: `latency: ${shownKind(shown.view)}` }
  return <Panel frame={frame} lines={latencyLines(shown, roomIn(place))} look={shown.look} />
}
