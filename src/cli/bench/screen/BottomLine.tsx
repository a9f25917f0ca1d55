import { Lines } from './Lines.tsx'
import { bottomLine } from './lines/key-lines.ts'
import type { Shown } from './shown.ts'

/** The keys that work now. */
export function BottomLine({ shown, width }: { readonly shown: Shown; readonly width: number }) {
  return <Lines lines={[bottomLine(shown, width)]} width={width} look={shown.look} />
}
