import { helpLines } from './lines/key-lines.ts'
import { Panel } from './Panel.tsx'
import type { Place } from './panel-lines.ts'
import type { Shown } from './shown.ts'

/** All keys. */
export function Help({ shown, place }: { readonly shown: Shown; readonly place: Place }) {
  const frame = { ...place, title: 'keys' }
  return <Panel frame={frame} lines={helpLines(shown)} look={shown.look} />
}
