import { hostLines, hostsAside } from './lines/host-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** The table of hosts. */
export function HostsPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'hosts', aside: hostsAside(shown, roomIn(place).height - 1) }
  return <Panel frame={frame} lines={hostLines(shown, roomIn(place))} look={shown.look} />
}
