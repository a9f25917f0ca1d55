import { serverLines } from './lines/server-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** The server's side, in short. */
export function ServerPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'server' }
  return <Panel frame={frame} lines={serverLines(shown, roomIn(place))} look={shown.look} />
}
