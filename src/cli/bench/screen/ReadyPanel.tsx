import { readyLines } from './lines/ready-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** Connections against the plan. */
export function ReadyPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'connections' }
  return <Panel frame={frame} lines={readyLines(shown, roomIn(place))} look={shown.look} />
}
