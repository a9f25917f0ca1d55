/**
 * Ways to choose `size` of `count` things, each as the chosen indexes: all of them when they are at most `most`, else so many by chance.
 */
export function splits(
  count: number,
  size: number,
  most: number,
  random: () => number,
): readonly (readonly number[])[] {
  if (waysOf(count, size) <= most) return allOf(count, size)
  return Array.from({ length: most }, () => chosen(count, size, random))
}

function waysOf(count: number, size: number): number {
  let ways = 1
  for (let at = 1; at <= size; at += 1) ways = (ways * (count - size + at)) / at
  return ways
}

function allOf(count: number, size: number): number[][] {
  if (size === 0) return [[]]
  if (count < size) return []
  const last = count - 1
  return [...allOf(last, size), ...allOf(last, size - 1).map((rest) => [...rest, last])]
}

function chosen(count: number, size: number, random: () => number): number[] {
  const left = Array.from({ length: count }, (_, index) => index)
  return Array.from(
    { length: size },
    () => left.splice(Math.floor(random() * left.length), 1)[0] ?? 0,
  )
}
