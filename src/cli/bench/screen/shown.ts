import type { RunView } from '../../../../bench-harness/view/run-view.ts'
import type { Look } from './look.ts'
import { measuredView } from './measured-view.ts'
import type { ScreenState } from './screen-state.ts'

/** All that a frame is drawn from. */
export interface Shown {
  /** The view that is drawn: the frozen one, where there is one. */
  readonly view: RunView
  /** The run as it is now, also while the view is frozen: the clock and the keys follow it. */
  readonly live: RunView
  readonly state: ScreenState
  readonly look: Look
  /** Seconds until the screen leaves by itself, once the run has ended. */
  readonly closesInS?: number
}

export interface Room {
  readonly width: number
  readonly height: number
}

/** Draws the frozen view if there is one, and of a run that has ended what was measured. */
export function shownOf(
  live: RunView,
  state: ScreenState,
  look: Look,
  closesInS: number | undefined,
): Shown {
  return {
    view: state.frozen ?? measuredView(live),
    live,
    state,
    look,
    ...(closesInS === undefined ? {} : { closesInS }),
  }
}
