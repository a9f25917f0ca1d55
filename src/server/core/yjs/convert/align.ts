/** One edit step: an element is kept, changed into another, removed or added. */
export type Step =
  | { readonly kind: 'keep' | 'change'; readonly old: number; readonly wanted: number }
  | { readonly kind: 'remove'; readonly old: number }
  | { readonly kind: 'add'; readonly wanted: number }

export interface Sequences {
  /** Keys of the elements: equal keys mean equal elements. */
  readonly old: readonly string[]
  readonly wanted: readonly string[]
  /**
   * Similarity of an old and a wanted element, from 0 (cannot be changed into it) to 1. Without it,
   * elements are only removed and added.
   */
  readonly likeness?: (old: number, wanted: number) => number
}

/** Maximum number of pairs to compare in one gap between equal elements. */
const cellsMax = { likeness: 10_000, equality: 250_000 }

/** A range of both sequences, half-open. */
interface Gap {
  readonly old: readonly [number, number]
  readonly wanted: readonly [number, number]
}

/**
 * Computes a short edit script from one sequence to another. Keeps the common prefix and suffix and
 * finds the best alignment of the rest. A rest that is too long is divided at elements that occur
 * exactly once in both.
 */
export function align(sequences: Sequences): readonly Step[] {
  const steps: Step[] = []
  const { old, wanted } = sequences
  alignGap(sequences, { old: [0, old.length], wanted: [0, wanted.length] }, steps)
  return steps
}

function alignGap(sequences: Sequences, gap: Gap, steps: Step[]): void {
  const { old, wanted } = sequences
  let [i, iEnd] = gap.old
  let [j, jEnd] = gap.wanted
  while (i < iEnd && j < jEnd && old[i] === wanted[j]) {
    steps.push({ kind: 'keep', old: i, wanted: j })
    i += 1
    j += 1
  }
  let same = 0
  while (iEnd > i && jEnd > j && old[iEnd - 1] === wanted[jEnd - 1]) {
    iEnd -= 1
    jEnd -= 1
    same += 1
  }
  const cells = (iEnd - i) * (jEnd - j)
  const few = sequences.likeness === undefined ? cellsMax.equality : cellsMax.likeness
  const middle: Gap = { old: [i, iEnd], wanted: [j, jEnd] }
  if (cells === 0) removeAndAdd(middle, steps)
  else if (cells <= few) alignBest(sequences, middle, steps)
  else divide(sequences, middle, steps)
  for (let index = 0; index < same; index += 1) {
    steps.push({ kind: 'keep', old: iEnd + index, wanted: jEnd + index })
  }
}

function removeAndAdd({ old, wanted }: Gap, steps: Step[]): void {
  for (let i = old[0]; i < old[1]; i += 1) steps.push({ kind: 'remove', old: i })
  for (let j = wanted[0]; j < wanted[1]; j += 1) steps.push({ kind: 'add', wanted: j })
}

/** The alignment with the highest score: 2 for an equal pair, its similarity for a changed one. */
function alignBest(sequences: Sequences, gap: Gap, steps: Step[]): void {
  const [i0, iEnd] = gap.old
  const [j0, jEnd] = gap.wanted
  const width = jEnd - j0 + 1
  const height = iEnd - i0
  const best = new Float64Array((height + 1) * width)
  const pairs = new Float64Array((height + 1) * width)
  const at = (table: Float64Array, index: number): number => table[index] ?? 0
  for (let row = height - 1; row >= 0; row -= 1) {
    for (let column = width - 2; column >= 0; column -= 1) {
      const cell = row * width + column
      const score = scoreOf(sequences, i0 + row, j0 + column)
      pairs[cell] = score
      const paired = score > 0 ? score + at(best, cell + width + 1) : 0
      best[cell] = Math.max(paired, at(best, cell + width), at(best, cell + 1))
    }
  }
  let row = 0
  let column = 0
  while (row < height && column < width - 1) {
    const cell = row * width + column
    const score = at(pairs, cell)
    if (score > 0 && at(best, cell) === score + at(best, cell + width + 1)) {
      const kind = sequences.old[i0 + row] === sequences.wanted[j0 + column] ? 'keep' : 'change'
      steps.push({ kind, old: i0 + row, wanted: j0 + column })
      row += 1
      column += 1
    } else if (at(best, cell) === at(best, cell + width)) {
      steps.push({ kind: 'remove', old: i0 + row })
      row += 1
    } else {
      steps.push({ kind: 'add', wanted: j0 + column })
      column += 1
    }
  }
  removeAndAdd({ old: [i0 + row, iEnd], wanted: [j0 + column, jEnd] }, steps)
}

function scoreOf({ old, wanted, likeness }: Sequences, i: number, j: number): number {
  if (old[i] === wanted[j]) return 2
  return likeness?.(i, j) ?? 0
}

/** Maximum number of differences in a long gap to search for before it is divided. */
const differencesMax = 256

/** Divides a long gap at elements that occur once in both; pairs the rest in order. */
function divide(sequences: Sequences, gap: Gap, steps: Step[]): void {
  if (sequences.likeness === undefined && alignFewDifferences(sequences, gap, steps)) return
  const anchors = anchorsOf(sequences, gap)
  if (anchors.length === 0) return pairInOrder(sequences, gap, steps)
  let [i] = gap.old
  let [j] = gap.wanted
  for (const [anchorOld, anchorWanted] of anchors) {
    alignGap(sequences, { old: [i, anchorOld], wanted: [j, anchorWanted] }, steps)
    steps.push({ kind: 'keep', old: anchorOld, wanted: anchorWanted })
    i = anchorOld + 1
    j = anchorWanted + 1
  }
  alignGap(sequences, { old: [i, gap.old[1]], wanted: [j, gap.wanted[1]] }, steps)
}

/**
 * The shortest edit script, by Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its
 * Variations", 1986). Returns false and adds no steps if there are more differences than the
 * maximum.
 */
function alignFewDifferences({ old, wanted }: Sequences, gap: Gap, steps: Step[]): boolean {
  const [i0, iEnd] = gap.old
  const [j0, jEnd] = gap.wanted
  const [height, width] = [iEnd - i0, jEnd - j0]
  /** For each number of differences: the furthest row on each diagonal. */
  const reached: Int32Array[] = []
  const center = differencesMax + 1
  const far = new Int32Array(2 * center + 1)
  for (let count = 0; count <= differencesMax; count += 1) {
    reached.push(far.slice())
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      const down = isDown(far, diagonal, count, center)
      let row = down ? (far[center + diagonal + 1] ?? 0) : (far[center + diagonal - 1] ?? 0) + 1
      let column = row - diagonal
      while (row < height && column < width && old[i0 + row] === wanted[j0 + column]) {
        row += 1
        column += 1
      }
      far[center + diagonal] = row
      if (row >= height && column >= width) {
        // Not `push(...)`: there may be more steps than a call can have arguments.
        for (const step of stepsBack(reached, { row: height, column: width }, [i0, j0])) {
          steps.push(step)
        }
        return true
      }
    }
  }
  return false
}

/** Whether the path to a diagonal ends with an addition rather than a removal. */
function isDown(far: Int32Array, diagonal: number, count: number, center: number): boolean {
  const before = far[center + diagonal - 1] ?? 0
  const after = far[center + diagonal + 1] ?? 0
  return diagonal === -count || (diagonal !== count && before < after)
}

/** Traces a path back from its end and yields its steps. */
function stepsBack(
  reached: readonly Int32Array[],
  end: { readonly row: number; readonly column: number },
  [i0, j0]: readonly [number, number],
): readonly Step[] {
  const back: Step[] = []
  const center = differencesMax + 1
  let { row, column } = end
  for (let count = reached.length - 1; count >= 0; count -= 1) {
    const far = reached[count] ?? new Int32Array()
    const diagonal = row - column
    const down = isDown(far, diagonal, count, center)
    const from = down ? diagonal + 1 : diagonal - 1
    const fromRow = count === 0 ? 0 : (far[center + from] ?? 0)
    const startRow = count === 0 ? 0 : down ? fromRow : fromRow + 1
    while (row > startRow) {
      row -= 1
      column -= 1
      back.push({ kind: 'keep', old: i0 + row, wanted: j0 + column })
    }
    if (count === 0) break
    if (down) {
      column -= 1
      back.push({ kind: 'add', wanted: j0 + column })
    } else {
      row -= 1
      back.push({ kind: 'remove', old: i0 + row })
    }
  }
  return back.reverse()
}

function pairInOrder(sequences: Sequences, { old, wanted }: Gap, steps: Step[]): void {
  let [i] = old
  let [j] = wanted
  for (; i < old[1] && j < wanted[1]; i += 1, j += 1) {
    if (sequences.old[i] === sequences.wanted[j]) steps.push({ kind: 'keep', old: i, wanted: j })
    else if ((sequences.likeness?.(i, j) ?? 0) > 0)
      steps.push({ kind: 'change', old: i, wanted: j })
    else steps.push({ kind: 'remove', old: i }, { kind: 'add', wanted: j })
  }
  removeAndAdd({ old: [i, old[1]], wanted: [j, wanted[1]] }, steps)
}

/** The longest common subsequence of the elements that occur once in both. */
function anchorsOf({ old, wanted }: Sequences, gap: Gap): readonly (readonly [number, number])[] {
  const inOld = placesOf(old, gap.old)
  const inWanted = placesOf(wanted, gap.wanted)
  const common: (readonly [number, number])[] = []
  for (const [key, i] of inOld) {
    const j = inWanted.get(key)
    if (i !== undefined && j !== undefined) common.push([i, j])
  }
  return longestRising(common)
}

/** The index of each element; undefined for one that occurs more than once. */
function placesOf(
  elements: readonly string[],
  [from, to]: readonly [number, number],
): ReadonlyMap<string, number | undefined> {
  const places = new Map<string, number | undefined>()
  for (let index = from; index < to; index += 1) {
    const key = elements[index] ?? ''
    places.set(key, places.has(key) ? undefined : index)
  }
  return places
}

/**
 * The longest subsequence with rising second numbers, by patience sorting; the first ones are
 * sorted.
 */
function longestRising(
  pairs: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
  const before = new Array<number>(pairs.length)
  const tops: number[] = []
  for (const [index, [, value]] of pairs.entries()) {
    let low = 0
    let high = tops.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1
      else high = middle
    }
    before[index] = low === 0 ? -1 : (tops[low - 1] ?? -1)
    tops[low] = index
  }
  const found: (readonly [number, number])[] = []
  for (let index = tops.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index]
    if (pair !== undefined) found.push(pair)
  }
  return found.reverse()
}
