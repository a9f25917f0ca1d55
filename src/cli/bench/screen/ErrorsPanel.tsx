import { errorLines } from './lines/error-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** Failures by cause, in short. */
export function ErrorsPanel({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'errors by cause' }
  return <Panel frame={frame} lines={errorLines(shown, roomIn(place))} look={shown.look} />
}
