import { CloseUp } from './CloseUp.tsx'
import { HostsPanel } from './HostsPanel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import { chosenAt, hostsShown } from './screen-state.ts'
import type { Shown } from './shown.ts'

/** Rows that a close-up needs to say something. */
const closeUpRows = 14

/** All hosts, and where there is room for it the chosen one closely below them. */
export function HostsView({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const hosts = hostsShown(shown.view, shown.state)
  const host = hosts[chosenAt(hosts, shown.state)]
  const frameRows = place.height - roomIn(place).height
  const tableRows = frameRows + 1 + Math.max(1, hosts.length)
  const left = place.height - tableRows
  if (host === undefined || left < closeUpRows) return <HostsPanel shown={shown} place={place} />
  return (
    <>
      <HostsPanel shown={shown} place={{ ...place, height: tableRows }} />
      <CloseUp shown={shown} host={host} place={{ ...place, height: left }} />
    </>
  )
}
