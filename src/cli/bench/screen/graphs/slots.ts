import type { Second } from '../../../../../bench-harness/bundle/bundle.ts'

/** Lengths that a window grows through, in seconds. */
const stepsS = [30, 60, 120, 300, 600]

/** What a graph shows: while the run is younger than what was asked for, the next length that it fits into. */
export function windowOf(
  seconds: readonly Second[],
  wantedS: number,
): { readonly startS: number; readonly lengthS: number } {
  const runS = (seconds.at(-1)?.t ?? -1) + 1
  const lengthS = Math.min(wantedS, stepsS.find((step) => step >= runS) ?? wantedS)
  return { startS: Math.max(0, runS - lengthS), lengthS }
}

/**
 * The seconds of a window, spread over the columns of a graph. A young run begins at the left and grows; an old one ends at the right. A column
 * that time has not reached is empty; one narrower than a second has the second that it lies in.
 */
export function slotsOf(
  seconds: readonly Second[],
  windowS: number,
  columns: number,
): readonly (readonly Second[])[] {
  const last = seconds.at(-1)
  if (last === undefined || columns <= 0)
    return Array.from({ length: Math.max(0, columns) }, () => [])
  const { startS, lengthS } = windowOf(seconds, windowS)
  const byTime = new Map(seconds.map((second) => [second.t, second]))
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor(startS + (column * lengthS) / columns)
    const to = Math.max(from + 1, Math.floor(startS + ((column + 1) * lengthS) / columns))
    const inside: Second[] = []
    for (let t = from; t < to; t++) {
      const second = byTime.get(t)
      if (second !== undefined) inside.push(second)
    }
    return inside
  })
}

/** The greatest value of each column; nothing where there is none. */
export function greatestOf(
  slots: readonly (readonly Second[])[],
  pick: (second: Second) => number | undefined,
): readonly (number | undefined)[] {
  return slots.map((slot) => {
    const values = slot.flatMap((second) => pick(second) ?? [])
    return values.length === 0 ? undefined : Math.max(...values)
  })
}
