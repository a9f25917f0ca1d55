import { causeTable, exampleLines } from './lines/error-lines.ts'
import { Panel } from './Panel.tsx'
import { type Place, roomIn } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** Failures by cause over time, and what was seen of them. */
export function ErrorsView({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const { look } = shown
  const upper = { ...place, height: Math.ceil(place.height / 2), title: 'errors by cause' }
  const lower = { ...place, height: place.height - upper.height, title: 'what was seen' }
  return (
    <>
      <Panel frame={upper} lines={causeTable(shown, roomIn(upper))} look={look} />
      <Panel frame={lower} lines={exampleLines(shown, roomIn(lower))} look={look} />
    </>
  )
}
