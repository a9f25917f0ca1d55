import { failuresOf } from '../../../../../bench-harness/ledger/ledger.ts'
import { causesOf, countText, shareText } from '../../figures.ts'
import { slotsOf } from '../graphs/slots.ts'
import { sparkline } from '../graphs/sparkline.ts'
import { matches } from '../screen-state.ts'
import type { Room, Shown } from '../shown.ts'
import { clean, type Line, left, right, span } from '../spans.ts'

/** Failures by cause, the most frequent first, each with what was seen first. */
export function errorLines(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const causes = view.second === undefined ? [] : causesOf(view.second.ledger)
  const wanted = causes.filter(([cause]) => matches(state, cause))
  if (wanted.length === 0) {
    const text = causes.length === 0 ? 'nothing has failed' : 'no cause matches the filter'
    const tone = causes.length === 0 ? 'good' : 'dim'
    return [[span(causes.length === 0 ? `${look.glyphs.good} ${text}` : text, tone)]]
  }
  const more = wanted.length > height ? wanted.length - height + 1 : 0
  const rows = wanted.slice(0, more > 0 ? height - 1 : height).map(([cause, count]): Line => {
    const example = view.examples.find((each) => each.cause === cause)
    return [
      span(`${look.glyphs.bad} `, 'bad'),
      span(left(cause, 20)),
      span(`${right(countText(count), 9)}  `, 'strong'),
      span(example === undefined || width < 46 ? '' : clean(example.raw), 'dim'),
    ]
  })
  return more > 0 ? [...rows, [span(`  ${more} more causes: see 4 errors`, 'dim')]] : rows
}

/** All causes with their share and when they came. */
export function causeTable(shown: Shown, { width, height }: Room): readonly Line[] {
  const { view, state, look } = shown
  const { second } = view
  const causes = second === undefined ? [] : causesOf(second.ledger)
  const wanted = causes.filter(([cause]) => matches(state, cause))
  if (second === undefined || wanted.length === 0) return errorLines(shown, { width, height })
  const failed = failuresOf(second.ledger)
  const cells = Math.max(10, width - 48)
  const slots = slotsOf(view.seconds, state.windowS, cells)
  const head = `  ${left('cause', 22)}${right('count', 9)}${right('share', 9)}    new in the window`
  const rows = wanted.map(([cause, count]): Line => {
    const grown = slots.map((slot) => {
      const last = slot.at(-1)
      if (last === undefined) return undefined
      const before = view.seconds.findLast(({ t }) => t < (slot[0]?.t ?? 0))
      return (last.ledger.failed[cause] ?? 0) - (before?.ledger.failed[cause] ?? 0)
    })
    const most = Math.max(1, ...grown.map((each) => each ?? 0))
    return [
      span(`${look.glyphs.bad} `, 'bad'),
      span(left(cause, 22)),
      span(right(countText(count), 9), 'strong'),
      span(right(shareText(count / failed), 9)),
      span('    '),
      span(sparkline(grown, most, look), 'accent'),
    ]
  })
  return [[span(head, 'dim')], ...rows].slice(0, height)
}

/** What was seen, in the words of the system or the server: the newest last. */
export function exampleLines({ view, state }: Shown, { width, height }: Room): readonly Line[] {
  const wanted = view.examples.filter(({ cause, raw }) => matches(state, `${cause} ${raw}`))
  if (wanted.length === 0) return [[span('no failure was seen', 'dim')]]
  return wanted.slice(-height).map(({ cause, wallMs, from, to, raw }): Line => {
    const clock = new Date(wallMs).toISOString().slice(11, 19)
    const ends = width < 110 ? (from ?? to) : `${from ?? '?'} -> ${to}`
    return [
      span(`${clock} `, 'dim'),
      span(left(cause, 17), 'bad'),
      span(`${left(clean(ends), width < 110 ? 18 : 40)} `, 'dim'),
      span(clean(raw)),
    ]
  })
}
