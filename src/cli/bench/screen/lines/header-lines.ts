import { isNoisy } from '../../../../../bench-harness/bundle/judge.ts'
import { phaseNames } from '../../../../../bench-harness/plan/plan.ts'
import type { RunView } from '../../../../../bench-harness/view/run-view.ts'
import { clockText } from '../../figures.ts'
import type { Glyphs } from '../look.ts'
import { viewNames } from '../screen-state.ts'
import type { Shown } from '../shown.ts'
import {
  apart,
  cellsOf,
  clean,
  clip,
  type Line,
  lineCells,
  type Span,
  span,
  type Tone,
} from '../spans.ts'

/** Three rows: views and the clock, the verdict so far and what is tested, phases. */
export function headerLines(shown: Shown, width: number): readonly Line[] {
  return [tabsLine(shown, width), lightLine(shown, width), phasesLine(shown, width)]
}

function tabsLine({ view, live, state, look }: Shown, width: number): Line {
  const tabs = viewNames.flatMap((name, at): readonly Span[] => [
    span(' '),
    span(`${at + 1} `, 'dim'),
    name === state.view ? span(name, 'chosen') : span(name, 'plain'),
  ])
  const clock =
    state.frozen === undefined
      ? [span(clockText(live.elapsedMs), 'strong')]
      : [
          span(`${look.glyphs.frozen} FROZEN ${clockText(view.elapsedMs)}`, 'warn'),
          span(` now ${clockText(live.elapsedMs)}`, 'dim'),
        ]
  const start = [span(' rusher bench ', 'badge'), ...tabs]
  const run = [span(`run ${clean(view.plan.run)} `, 'dim')]
  const roomy = lineCells(start) + lineCells(run) + lineCells(clock) + 4 <= width
  const short = [span(' bench ', 'badge'), ...tabs]
  const end = [...(roomy ? run : []), ...clock, span(' ')]
  return apart(lineCells(start) + lineCells(end) < width ? start : short, end, width)
}

/** Symbol and word of the verdict: the run's so far, or what it came to. */
export function lightOf(
  { light, lightText, result }: RunView,
  glyphs: Glyphs,
): { readonly word: string; readonly tone: Tone; readonly text: string } {
  if (result !== undefined) {
    const text = result.reasons.join('; ')
    const noise = isNoisy(result.health) ? ' (noisy)' : ''
    if (result.verdict === 'pass')
      return { word: `${glyphs.good} PASS${noise}`, tone: 'good', text }
    if (result.verdict === 'fail') return { word: `${glyphs.bad} FAIL${noise}`, tone: 'bad', text }
    return { word: `${glyphs.warn} INVALID`, tone: 'warn', text }
  }
  switch (light) {
    case 'good':
      return { word: `${glyphs.good} GOOD`, tone: 'good', text: lightText }
    case 'failing':
      return { word: `${glyphs.bad} FAILING`, tone: 'bad', text: lightText }
    case 'invalid':
      return { word: `${glyphs.warn} INVALID`, tone: 'warn', text: lightText }
    case 'waiting':
      return { word: `${glyphs.waiting} WAITING`, tone: 'dim', text: lightText }
    default:
      return light satisfies never
  }
}

const testedCellsMin = 16

function lightLine({ view, look }: Shown, width: number): Line {
  const { word, tone, text } = lightOf(view, look.glyphs)
  const { urls } = view.plan.target
  const more = urls.length > 1 ? ` +${urls.length - 1}` : ''
  const tested = `${view.plan.scenario.name} ${look.glyphs.to} ${urls[0] ?? ''}${more}`
  const verdict = [span(` ${word}`, tone), span(`  ${clean(text)}`)]
  // The reason comes first; what is tested gets what it leaves, within bounds.
  const left = Math.max(testedCellsMin, width - lineCells(verdict) - 2)
  const shown = clip(clean(tested), Math.min(left, Math.floor(width * 0.45)))
  return apart(verdict, [span(shown, 'dim'), span(' ')], width)
}

function phasesLine({ view, look }: Shown, width: number): Line {
  const { glyphs } = look
  const names: readonly string[] = phaseNames
  const now = names.indexOf(view.phase)
  const past = view.phase === 'ended' ? phaseNames.length : now
  const cells = phaseNames.map((name, at): Line => {
    if (at < past) return [span(` ${glyphs.good} ${name} `, 'dim')]
    if (at > now) return [span(` ${glyphs.note} ${name} `, 'dim')]
    return [span(` ${glyphs.now} ${name} `, 'chosen')]
  })
  if (view.phase === 'starting') return [span(' '), span('starting', 'chosen'), ...cells.flat()]
  if (view.phase === 'ended') return [...cells.flat(), span(' '), span('ended', 'strong')]
  const taken = cells.reduce((sum, cell) => sum + lineCells(cell), 0)
  const bar = barLine(view, glyphs, width - taken - 1)
  return cells.flatMap((cell, at) => (at === now ? [...cell, ...bar] : cell))
}

/** How far the phase is and what is left of it; only the time spent where its end is not known. */
function barLine(view: RunView, glyphs: Glyphs, room: number): Line {
  const spentMs = Math.max(0, view.elapsedMs - phaseBeganMs(view))
  const leftMs = view.phaseLeftMs
  if (leftMs === undefined) return [span(`${clockText(spentMs)} `, 'strong')]
  const share = spentMs + leftMs <= 0 ? 1 : spentMs / (spentMs + leftMs)
  const text = ` ${Math.ceil(leftMs / 1_000).toLocaleString('en-US')} s left `
  const cells = Math.min(30, room - cellsOf(text))
  if (cells < 4) return [span(text.trimStart(), 'strong')]
  const full = Math.min(cells, Math.round(share * cells))
  return [
    span(glyphs.bar.repeat(full), 'accent'),
    span(glyphs.barRest.repeat(cells - full), 'dim'),
    span(text, 'strong'),
  ]
}

function phaseBeganMs({ events, seconds, phase }: RunView): number {
  const event = events.findLast(({ kind }) => kind === 'phase')
  if (event !== undefined) return event.ms
  return (seconds.find((second) => second.phase === phase)?.t ?? 0) * 1_000
}
