import type { Run } from '../../../../bench-harness/view/run-view.ts'
import type { Key } from './keys.ts'
import type { Look } from './look.ts'
import { type Effect, firstState, type Leaving, pressed, type ScreenState } from './screen-state.ts'
import { type Shown, shownOf } from './shown.ts'

/** What a screen shows, kept outside whatever draws it. */
export interface ScreenModel {
  subscribe(listener: () => void): () => void
  /** The same object until something changes. */
  shown(): Shown
  press(key: Key): void
  /** How the screen was left; comes once. */
  readonly left: Promise<Leaving>
  /** Stops listening to the run. */
  close(): void
}

export interface ScreenModelOptions {
  readonly look: Look
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** How long the screen stays after the end when nobody presses a key. */
  readonly lingerMs: number
  /** Writes what is shown to a file and gives its name. */
  readonly saveSnapshot: (shown: Shown) => Promise<string>
}

/** The least time between two drawings that no key asked for. */
const drawEveryMs = 500

export function createScreenModel(run: Run, options: ScreenModelOptions): ScreenModel {
  const { look, now, lingerMs, saveSnapshot } = options
  const listeners = new Set<() => void>()
  const { promise: left, resolve: leave } = Promise.withResolvers<Leaving>()
  let state: ScreenState = firstState
  let endedAtMs: number | undefined
  let drawnAtMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let shown = shownOf(run.view(), state, look, undefined)

  const closesInS = (): number | undefined =>
    endedAtMs === undefined || state.held || state.frozen !== undefined
      ? undefined
      : Math.max(0, Math.ceil((endedAtMs + lingerMs - now()) / 1_000))

  const draw = (): void => {
    clearTimeout(timer)
    timer = undefined
    drawnAtMs = now()
    shown = shownOf(run.view(), state, look, closesInS())
    for (const listener of listeners) listener()
    if (shown.closesInS === 0) leave('leave')
    else if (shown.closesInS !== undefined) drawAfter(1_000)
  }
  const drawAfter = (ms: number): void => {
    timer ??= setTimeout(draw, ms)
  }
  const changed = (): void => {
    if (run.view().result !== undefined && endedAtMs === undefined) {
      endedAtMs = now()
      if (state.leaving !== undefined) leave(state.leaving)
    }
    const waitMs = drawnAtMs + drawEveryMs - now()
    if (waitMs <= 0) draw()
    else drawAfter(waitMs)
  }
  const note = (text: string): void => {
    state = { ...state, note: text }
    draw()
  }
  const act = (effect: Effect): void => {
    switch (effect) {
      case 'drain':
        return run.abort()
      case 'stop':
        run.abort()
        return run.abort()
      case 'next_phase':
        return run.nextPhase()
      case 'snapshot':
        saveSnapshot(shown).then(
          (file) => note(`Written to ${file}.`),
          (error: unknown) => note(`The snapshot could not be written: ${String(error)}`),
        )
        return
      case 'leave':
      case 'keep':
        return leave(effect)
      default:
        return effect satisfies never
    }
  }
  const unsubscribe = run.subscribe(changed)
  changed()
  return {
    left,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    shown: () => shown,
    press(key) {
      const { state: after, effect } = pressed(state, key, run.view())
      state = after
      if (effect !== undefined) act(effect)
      if (endedAtMs !== undefined && state.leaving !== undefined) leave(state.leaving)
      draw()
    },
    close() {
      clearTimeout(timer)
      unsubscribe()
    },
  }
}
