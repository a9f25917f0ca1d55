/** What a piece of text means; `look.ts` says how that is shown. */
export type Tone =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  /** What is chosen now. */
  | 'chosen'
  /** The program's name. */
  | 'badge'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** One row of the screen. */
export type Line = readonly Span[]

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone }
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Scripts of full width, and emoji, take two cells (Unicode Standard Annex 11). */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Script=Han}/u
const narrowOnly = /^[\x20-\x7e\u00a0-\u02ff\u2190-\u22ff\u2500-\u25ff\u2800-\u28ff]*$/

/** Cells of the terminal that a text takes. */
export function cellsOf(text: string): number {
  if (narrowOnly.test(text)) return text.length
  let cells = 0
  for (const { segment } of segmenter.segment(text)) cells += wide.test(segment) ? 2 : 1
  return cells
}

/** Text from outside on one row: whatever would move the cursor is a space. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** At most so many cells of a text; where some is cut, the last cell says so. */
export function clip(text: string, cells: number, cut = '…'): string {
  if (cellsOf(text) <= cells) return text
  if (cells <= 0) return ''
  const bare = text.trimEnd()
  const bareCells = cellsOf(bare)
  if (bareCells <= cells) return bare + ' '.repeat(cells - bareCells)
  let kept = ''
  let taken = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = cellsOf(segment)
    if (taken + next > cells - 1) break
    kept += segment
    taken += next
  }
  return kept + cut
}

/** Text on the left of so many cells. */
export function left(text: string, cells: number): string {
  const clipped = clip(text, cells)
  return clipped + ' '.repeat(cells - cellsOf(clipped))
}

/** Text on the right of so many cells. */
export function right(text: string, cells: number): string {
  const clipped = clip(text, cells)
  return ' '.repeat(cells - cellsOf(clipped)) + clipped
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0)
}

/** The line in exactly so many cells, cut or filled up. */
export function filled(line: Line, cells: number): Line {
  const fitted: Span[] = []
  let room = cells
  for (const { text, tone } of line) {
    if (room === 0) break
    const clipped = clip(text, room)
    fitted.push({ text: clipped, tone })
    room -= cellsOf(clipped)
    if (clipped !== text) break
  }
  if (room > 0) fitted.push(span(' '.repeat(room)))
  return fitted
}

/** One line at the left and one at the right of so many cells; the left one is cut where they meet. */
export function apart(start: Line, end: Line, cells: number): Line {
  const endCells = Math.min(lineCells(end), cells)
  const startCells = cells - endCells
  if (startCells === 0 || endCells === 0) return filled(endCells === 0 ? start : end, cells)
  return [...filled(start, startCells - 1), span(' '), ...filled(end, endCells)]
}

/** Exactly so many lines: the first ones, filled up with empty ones. */
export function tall(lines: readonly Line[], rows: number): readonly Line[] {
  const kept = lines.slice(0, Math.max(0, rows))
  return [...kept, ...Array.from({ length: Math.max(0, rows - kept.length) }, () => [])]
}

/** Neighbours of the same tone become one. */
export function joined(cells: readonly Span[]): Line {
  const line: Span[] = []
  for (const cell of cells) {
    const last = line.at(-1)
    if (last?.tone === cell.tone) line[line.length - 1] = span(last.text + cell.text, cell.tone)
    else line.push(cell)
  }
  return line
}
