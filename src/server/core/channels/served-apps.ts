import type { App } from '../../apps/app.ts'

/** An app whose types nobody needs to know any more: what goes into one of its functions came out of another. */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every App<State, Command> is assignable to.
export type AnyApp = App<any, any>

/** The apps of a server. */
export interface ServedApps {
  /** Each serves the channels whose names begin with its own name and a colon. */
  readonly named: readonly AnyApp[]
  /** Serves all other channels; undefined: they are refused. */
  readonly plain: AnyApp | undefined
}
