import type { Look } from '../look.ts'
import { type Line, left, right, span } from '../spans.ts'
import { areaGraph, columnsOf } from './area-graph.ts'
import { sparkline } from './sparkline.ts'

export interface GraphRow {
  readonly label: string
  readonly text: string
  /** Gives the values for so many columns. */
  readonly values: (columns: number) => readonly (number | undefined)[]
  /** Full height, where there is a natural one; otherwise the greatest value is. */
  readonly most?: number
}

const labelCells = 16
const textCells = 12

/** A figure and how it went, on one row or, where there is room, on several. */
function graphRow(
  row: GraphRow,
  { width, height }: { readonly width: number; readonly height: number },
  look: Look,
): readonly Line[] {
  const cells = Math.max(10, width - labelCells - textCells - 2)
  const values = row.values(height === 1 ? cells : columnsOf(cells, look))
  const max = row.most ?? Math.max(0, ...values.map((value) => value ?? 0))
  const head = [
    span(left(row.label, labelCells), 'dim'),
    span(right(row.text, textCells), 'strong'),
    span('  '),
  ]
  if (height === 1) return [[...head, span(sparkline(values, max, look), 'accent')]]
  const area = areaGraph({ values, max, width: cells, height }, look)
  const blank = span(' '.repeat(labelCells + textCells + 2))
  return area.map((line, at) => (at === 0 ? [...head, ...line] : [blank, ...line]))
}

/** Rows that each of so many figures can have, with a free one between them where they have more than one. */
function rowsEach(rows: number, figures: number): number {
  const each = Math.floor(rows / Math.max(1, figures))
  return each < 3 ? 1 : Math.min(5, each - 1)
}

/** All of them, with a free row between those that have several. */
export function graphRows(
  rows: readonly GraphRow[],
  { width, height }: { readonly width: number; readonly height: number },
  look: Look,
): readonly Line[] {
  const each = rowsEach(height, rows.length)
  return rows.flatMap((row) => [
    ...graphRow(row, { width, height: each }, look),
    ...(each > 1 ? [[]] : []),
  ])
}
