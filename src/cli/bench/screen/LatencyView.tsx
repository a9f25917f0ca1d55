import { kindsTable, mapLines, shownKind } from './lines/latency-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** Every kind of latency in the window, and a map of the headline over time. */
export function LatencyView({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const { look, view, state } = shown
  const table = kindsTable(shown, roomIn(place).width)
  const frameRows = place.height - roomIn(place).height
  const tableRows = Math.min(table.length, Math.max(3, place.height - 2 * frameRows - 6))
  const upper = {
    ...place,
    height: tableRows + frameRows,
    title: `latency in the last ${state.windowS} s`,
  }
  const kind = shownKind(view)
  const lower = {
    ...place,
    height: place.height - upper.height,
    title: `${kind} over time, ${state.log ? 'logarithmic' : 'linear'}`,
  }
  return (
    <>
      <Panel frame={upper} lines={table} look={look} />
      <Panel frame={lower} lines={mapLines(shown, kind, roomIn(lower))} look={look} />
    </>
  )
}
