import { Lines } from './Lines.tsx'
import { headerLines } from './lines/header-lines.ts'
import type { Shown } from './shown.ts'

/** Views, verdict and phases. */
export function Header({ shown, width }: { readonly shown: Shown; readonly width: number }) {
  return <Lines lines={headerLines(shown, width)} width={width} look={shown.look} />
}
