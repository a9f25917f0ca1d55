import { canSkip, hostsShown } from '../screen-state.ts'
import type { Shown } from '../shown.ts'
import { cellsOf, clean, filled, type Line, span } from '../spans.ts'

type Hint = readonly [key: string, what: string]

/** The row at the bottom: what was just said or asked, or else the keys that work now, as many as there is room for. */
export function bottomLine(shown: Shown, width: number): Line {
  const { state, live, closesInS, look } = shown
  if (state.typing)
    return filled(
      [
        span(' filter /', 'strong'),
        span(clean(state.filter), 'chosen'),
        span('_', 'chosen'),
        span('   enter keeps it, esc clears it', 'dim'),
      ],
      width,
    )
  if (state.asking !== undefined && live.result === undefined)
    return filled(
      [
        span(` ${look.glyphs.warn} Stop the run?`, 'warn'),
        span('  q', 'strong'),
        span(' stops at once  ', 'plain'),
        span('a', 'strong'),
        span(' drains first  ', 'plain'),
        span('any other key', 'strong'),
        span(' goes on', 'plain'),
      ],
      width,
    )
  if (state.note !== undefined) return filled([span(` ${clean(state.note)}`, 'strong')], width)
  const closing: Line =
    closesInS === undefined ? [] : [span(` closes in ${closesInS} s, any key keeps it`, 'strong')]
  return filled([...closing, ...hintSpans(keysNow(shown), width, closing)], width)
}

function hintSpans(hints: readonly Hint[], width: number, before: Line): Line {
  const line = [...before]
  let room = width - before.reduce((sum, { text }) => sum + cellsOf(text), 0)
  for (const [key, what] of hints) {
    const cells = cellsOf(key) + cellsOf(what) + 3
    if (cells > room) continue
    line.push(span(` ${key}`, 'strong'), span(` ${what} `, 'dim'))
    room -= cells
  }
  return line.slice(before.length)
}

/** The keys that do something now, those that matter most first. */
export function keysNow({ view, live, state, look }: Shown): readonly Hint[] {
  const { arrows, enter } = look.glyphs
  const ended = live.result !== undefined
  const hosts = hostsShown(view, state).length
  const onHosts = !state.open && (state.view === 'overview' || state.view === 'hosts')
  const back = state.help || state.open || state.filter !== ''
  const hints: readonly (Hint | false)[] = [
    ['?', state.help ? 'close help' : 'help'],
    ['q', 'quit'],
    back && ['esc', 'back'],
    ['space', state.frozen === undefined ? 'freeze' : 'go on'],
    onHosts && hosts > 1 && [arrows, 'host'],
    onHosts && hosts > 0 && [enter, 'open'],
    canSkip(live) && ['p', 'next phase'],
    !ended && !state.draining && ['a', 'drain'],
    ['/', 'filter'],
    ['+-', `${state.windowS} s`],
    ['e', state.faultsOnly ? 'all' : 'faults'],
    ['l', state.log ? 'linear' : 'log'],
    ['s', 'snapshot'],
    ['Q', 'quit, keep frame'],
    ['tab', 'view'],
  ]
  return hints.filter((hint) => hint !== false)
}

const help: readonly Hint[] = [
  ['tab, 1-5', 'views: overview, hosts, latency, errors, server'],
  ['up/down, j/k', 'choose a host'],
  ['enter', 'look at the chosen host closely; esc goes back'],
  ['space', 'freeze what is shown; the run goes on'],
  ['/', 'show only hosts, causes and events that contain a text'],
  ['e', 'show only faults'],
  ['+ -', 'longer or shorter time in the graphs'],
  ['l', 'logarithmic or linear scale of latency'],
  ['s', 'write what is shown to a file'],
  ['p', 'end this phase and begin the next now'],
  ['a', 'abort: close all connections in order, then end'],
  ['q', 'quit; while the run goes on it asks, and q again stops at once'],
  ['Q', 'quit, and leave the last frame in the terminal'],
  ['ctrl-c', 'drain; the second time stop at once'],
  ['?', 'open and close this help'],
]

/** All keys, and what the symbols mean. */
export function helpLines({ look }: Shown): readonly Line[] {
  const { good, warn, bad } = look.glyphs
  return [
    ...help.map(([key, what]): Line => [span(key.padEnd(15), 'chosen'), span(what)]),
    [],
    [
      span(`${good} `, 'good'),
      span('as wanted   '),
      span(`${warn} `, 'warn'),
      span('the generator is in doubt   '),
      span(`${bad} `, 'bad'),
      span('a fault'),
    ],
  ]
}
