import type { Look } from './look.ts'
import type { Room } from './shown.ts'
import { cellsOf, clip, filled, type Line, span, tall } from './spans.ts'

export interface Place {
  readonly width: number
  /** Rows with the frame. */
  readonly height: number
  /** A box around it; otherwise only a rule above it. */
  readonly boxed: boolean
}

export interface PanelFrame extends Place {
  readonly title: string
  /** On the right of the title's row. */
  readonly aside?: Line
}

/** What is left inside the frame. */
export function roomIn({ width, height, boxed }: Place): Room {
  return { width: width - (boxed ? 4 : 2), height: Math.max(0, height - (boxed ? 2 : 1)) }
}

/** Puts a frame around lines; each comes out exactly as wide as the frame, and there are exactly as many as it is high. */
export function panelLines(frame: PanelFrame, lines: readonly Line[], look: Look): readonly Line[] {
  const { width, boxed } = frame
  const { side, corners, rule } = look.glyphs
  const room = roomIn(frame)
  const inside = tall(lines, room.height).map((line) => filled(line, room.width))
  const top = titleLine(frame, look)
  if (!boxed) return [top, ...inside.map((line) => [span(' '), ...line, span(' ')])]
  const edge = span(side, 'dim')
  const bottom = `${corners[2]}${rule.repeat(width - 2)}${corners[3]}`
  return [
    top,
    ...inside.map((line) => [edge, span(' '), ...line, span(' '), edge]),
    [span(bottom, 'dim')],
  ]
}

function titleLine({ title, aside = [], width, boxed }: PanelFrame, look: Look): Line {
  const { rule, corners } = look.glyphs
  const start = boxed ? corners[0] + rule : rule.repeat(2)
  const end = boxed ? rule + corners[1] : rule.repeat(2)
  const room = width - cellsOf(start) - cellsOf(end)
  const name = span(` ${clip(title, room - 2)} `, 'strong')
  const noted = aside.length === 0 ? [] : [span(' '), ...aside, span(' ')]
  const taken = noted.reduce((sum, { text }) => sum + cellsOf(text), 0)
  const between = room - cellsOf(name.text) - taken
  if (between < 1 && noted.length > 0) return titleLine({ title, width, boxed, height: 0 }, look)
  return filled(
    [
      span(start, 'dim'),
      name,
      span(rule.repeat(Math.max(0, between)), 'dim'),
      ...noted,
      span(end, 'dim'),
    ],
    width,
  )
}
