import { serverTable } from './lines/server-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** All that the server's side shows, over time. */
export function ServerView({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'server' }
  return <Panel frame={frame} lines={serverTable(shown, roomIn(place))} look={shown.look} />
}
