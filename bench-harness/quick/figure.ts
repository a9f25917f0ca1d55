/** One line of the table: what was measured, ours, the bare peer's, and what we promised ourselves. */
export interface Figure {
  /** For programs: it stays when the words change. */
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly rusher: number
  readonly bare?: number
  /** Whose figure `bare` is, where it is not the bare peer's. */
  readonly peer?: string
  /** Ours to the bare peer's, or its inverse where more is better. */
  readonly ratio?: number
  readonly target?: { readonly text: string; readonly met: boolean }
  readonly note?: string
  /** Each run that a median was taken of, in order. */
  readonly runs?: { readonly rusher: readonly number[]; readonly bare?: readonly number[] }
}

/** What every figure may use. */
export interface Bench {
  /** Makes a new empty folder on disk, which is gone after the run. */
  folder(): Promise<string>
  /** Tells what is going on, on standard error. */
  progress(text: string): void
  /** A tenth of everything, to see that it runs. */
  readonly short: boolean
  /** Folder for processor profiles of our server; absent: none is made, since it costs. */
  readonly profile: string | undefined
  /** Numbers that the command line gave for options of one bench alone. */
  readonly given: Readonly<Record<string, number>>
}
