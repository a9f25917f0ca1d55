import type { Look } from '../look.ts'
import { joined, type Line, type Span, span } from '../spans.ts'

/** Bits of a braille cell from the lowest dot up, in its left and its right column. */
const dots = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const

export interface AreaGraph {
  /** A value for each column of dots: two to a cell, one to a cell in ASCII. */
  readonly values: readonly (number | undefined)[]
  /** A line that is drawn where it stands above the area. */
  readonly plan?: readonly (number | undefined)[]
  readonly max: number
  readonly width: number
  readonly height: number
}

/** Columns of dots that a graph of so many cells has. */
export function columnsOf(width: number, { glyphs }: Look): number {
  return glyphs.ascii ? width : width * 2
}

/** A filled area, and where the plan is above it, the plan as a line. */
export function areaGraph(graph: AreaGraph, look: Look): readonly Line[] {
  const cell = look.glyphs.ascii ? asciiCell : brailleCell
  return Array.from({ length: graph.height }, (_, row) =>
    joined(Array.from({ length: graph.width }, (_, column) => cell(graph, row, column))),
  )
}

function brailleCell(graph: AreaGraph, row: number, column: number): Span {
  const high = graph.height * 4
  const below = (graph.height - 1 - row) * 4
  let area = 0
  let line = 0
  dots.forEach((bits, side) => {
    const at = column * 2 + side
    const filled = levelOf(graph.values[at], graph.max, high)
    const planned = levelOf(graph.plan?.[at], graph.max, high)
    bits.forEach((bit, dot) => {
      if (below + dot < filled) area |= bit
      else if (below + dot === planned - 1) line |= bit
    })
  })
  if (area === 0 && line === 0) return span(' ')
  return span(String.fromCodePoint(0x2800 + area + line), area === 0 ? 'dim' : 'accent')
}

function asciiCell(graph: AreaGraph, row: number, column: number): Span {
  const half = graph.height * 2
  const below = (graph.height - 1 - row) * 2
  const filled = levelOf(graph.values[column], graph.max, half) - below
  const planned = levelOf(graph.plan?.[column], graph.max, half) - below
  if (filled >= 2) return span('#', 'accent')
  if (filled === 1) return span(':', 'accent')
  return planned === 1 || planned === 2 ? span('.', 'dim') : span(' ')
}

/** How many of the dots are filled: at least one for whatever is more than nothing. */
function levelOf(value: number | undefined, max: number, high: number): number {
  if (value === undefined || value <= 0 || max <= 0) return 0
  return Math.max(1, Math.min(high, Math.round((value / max) * high)))
}
