import { Lines } from './Lines.tsx'
import type { Size } from './layout.ts'
import { smallLines } from './lines/small-lines.ts'
import type { Shown } from './shown.ts'

/** What fits into a terminal that is too small. */
export function TooSmall({ shown, size }: { readonly shown: Shown; readonly size: Size }) {
  return <Lines lines={smallLines(shown, size)} width={size.columns} look={shown.look} />
}
