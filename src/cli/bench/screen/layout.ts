/** The smallest terminal on which everything has its place. */
export const smallest = { columns: 80, rows: 24 } as const

export const headerRows = 3
export const bottomRows = 1

export interface Size {
  readonly columns: number
  readonly rows: number
}

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < smallest.columns || rows < smallest.rows
}

/** Whether panels have boxes around them, which takes a row more each. */
export function isBoxed({ rows }: Size): boolean {
  return rows >= 32
}

/** Rows between the header and the bottom line. One row stays free, since a frame that fills a terminal makes it scroll. */
export function bodyRows({ rows }: Size): number {
  return Math.max(1, rows - 1 - headerRows - bottomRows)
}

export interface OverviewLayout {
  readonly boxed: boolean
  /** Connections and latency stand side by side. */
  readonly wide: boolean
  /** Rows of each panel, with its frame. */
  readonly ready: number
  readonly latency: number
  readonly hosts: number
  /** Errors and the server, side by side. */
  readonly lower: number
  readonly events: number
}

interface Want {
  readonly least: number
  readonly most: number
  /** How much of what is left over it gets beside others. */
  readonly weight: number
}

/** Rows of the overview's panels for a terminal's size; with their frames they are exactly as many as the body has. */
export function overviewLayout(size: Size, hosts: number): OverviewLayout {
  const boxed = isBoxed(size)
  const wide = size.columns >= 110
  const frame = boxed ? 2 : 1
  const panels = wide ? 4 : 5
  const inside = bodyRows(size) - panels * frame
  const [ready = 0, latency = 0, table = 0, lower = 0, events = 0] = shareOut(inside, [
    { least: 4, most: wide ? 18 : 14, weight: 4 },
    wide ? { least: 0, most: 0, weight: 0 } : { least: 2, most: 9, weight: 2 },
    { least: 1 + Math.min(3, Math.max(1, hosts)), most: 1 + Math.max(1, hosts), weight: 4 },
    { least: 3, most: 10, weight: 3 },
    { least: 1, most: 100, weight: 2 },
  ])
  return {
    boxed,
    wide,
    ready: ready + frame,
    latency: wide ? ready + frame : latency + frame,
    hosts: table + frame,
    lower: lower + frame,
    events: events + frame,
  }
}

/** Gives each the least it needs, and what is left over by weight, none more than the most it can use. */
export function shareOut(rows: number, wants: readonly Want[]): readonly number[] {
  const given = wants.map(({ least }) => least)
  let left = rows - given.reduce((sum, each) => sum + each, 0)
  while (left > 0) {
    const next = hungriest(wants, given)
    if (next === undefined) break
    given[next] = (given[next] ?? 0) + 1
    left -= 1
  }
  return given
}

function hungriest(wants: readonly Want[], given: readonly number[]): number | undefined {
  let best: { readonly at: number; readonly had: number } | undefined
  wants.forEach(({ least, most, weight }, at) => {
    const now = given[at] ?? 0
    if (now >= most || weight === 0) return
    const had = (now - least) / weight
    if (best === undefined || had < best.had) best = { at, had }
  })
  return best?.at
}
