import { eventLines } from './lines/event-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** What happened. */
export function EventsPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: shown.state.faultsOnly ? 'events: faults only' : 'events' }
  return <Panel frame={frame} lines={eventLines(shown, roomIn(place))} look={shown.look} />
}
