import type { Look } from '../look.ts'

/** One row: each value as a step of its share of `max`, a blank where there is none, the lowest step for 0. */
export function sparkline(
  values: readonly (number | undefined)[],
  max: number,
  { glyphs }: Look,
): string {
  const steps = [...glyphs.steps]
  return values
    .map((value) => {
      if (value === undefined) return ' '
      const share = max <= 0 ? 0 : Math.min(1, Math.max(0, value / max))
      return steps[Math.min(steps.length - 1, Math.floor(share * steps.length))] ?? ' '
    })
    .join('')
}
