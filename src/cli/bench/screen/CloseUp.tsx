import type { HostView } from '../../../../bench-harness/view/run-view.ts'
import { closeUpLines } from './lines/close-up-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'
import { clean } from './spans.ts'

export interface CloseUpProps {
  readonly shown: Shown
  readonly host: HostView
  readonly place: Place
}

/** One host and its workers. */
export function CloseUp({ shown, host, place }: CloseUpProps) {
  const frame = { ...place, title: `host ${clean(host.name)}` }
  return <Panel frame={frame} lines={closeUpLines(shown, host, roomIn(place))} look={shown.look} />
}
