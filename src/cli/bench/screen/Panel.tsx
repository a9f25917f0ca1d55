import { Lines } from './Lines.tsx'
import type { Look } from './look.ts'
import { type PanelFrame, panelLines } from './panel-lines.ts'
import type { Line } from './spans.ts'

export interface PanelProps {
  readonly frame: PanelFrame
  readonly lines: readonly Line[]
  readonly look: Look
}

/** Lines with a frame and a title. */
export function Panel({ frame, lines, look }: PanelProps) {
  return <Lines lines={panelLines(frame, lines, look)} width={frame.width} look={look} />
}
