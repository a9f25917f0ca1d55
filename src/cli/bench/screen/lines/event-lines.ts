import type { RunEvent } from '../../../../../bench-harness/bundle/bundle.ts'
import { clockText } from '../../figures.ts'
import type { Glyphs } from '../look.ts'
import { matches, type ScreenState } from '../screen-state.ts'
import type { Room, Shown } from '../shown.ts'
import { clean, type Line, span, type Tone } from '../spans.ts'

/** What happened, the newest last. */
export function eventLines({ view, state, look }: Shown, { height }: Room): readonly Line[] {
  const wanted = view.events.filter((event) => isWanted(event, state))
  if (wanted.length === 0)
    return [[span(state.faultsOnly ? 'no fault so far' : 'nothing yet', 'dim')]]
  return wanted.slice(-Math.max(1, height)).map((event): Line => {
    const { mark, tone } = markOf(event, look.glyphs)
    return [
      span(`${clockText(event.ms)} `, 'dim'),
      span(`${mark} `, tone),
      span(clean(event.text), event.kind === 'fault' ? 'strong' : 'plain'),
    ]
  })
}

function isWanted({ kind, text }: RunEvent, state: ScreenState): boolean {
  return (!state.faultsOnly || kind === 'fault') && matches(state, text)
}

function markOf(
  { kind }: RunEvent,
  glyphs: Glyphs,
): { readonly mark: string; readonly tone: Tone } {
  switch (kind) {
    case 'phase':
      return { mark: glyphs.now, tone: 'accent' }
    case 'fault':
      return { mark: glyphs.bad, tone: 'bad' }
    case 'server':
      return { mark: glyphs.warn, tone: 'warn' }
    case 'note':
      return { mark: glyphs.note, tone: 'dim' }
    default:
      return kind satisfies never
  }
}
