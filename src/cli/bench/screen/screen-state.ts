import type { HostView, RunView } from '../../../../bench-harness/view/run-view.ts'
import type { Key } from './keys.ts'

export const viewNames = ['overview', 'hosts', 'latency', 'errors', 'server'] as const
export type ViewName = (typeof viewNames)[number]

/** Seconds that a graph may show. */
export const windowsS: readonly number[] = [30, 60, 120, 300, 600]

/** What whoever looks has chosen; nothing of it touches the run. */
export interface ScreenState {
  readonly view: ViewName
  /** The name of the chosen host, and whether it is looked at closely. */
  readonly host?: string
  readonly open: boolean
  /** What is shown while the run goes on. */
  readonly frozen?: RunView
  readonly filter: string
  readonly typing: boolean
  readonly windowS: number
  readonly log: boolean
  readonly faultsOnly: boolean
  readonly help: boolean
  /** How the screen is left if the next key confirms it. */
  readonly asking?: Leaving
  /** How the screen is left when the run has ended. */
  readonly leaving?: Leaving
  /** A drain was asked for. */
  readonly draining: boolean
  /** A key was pressed after the end: somebody is still looking. */
  readonly held: boolean
  /** Until the next key. */
  readonly note?: string
}

/** `keep`: the last frame stays in the terminal. */
export type Leaving = 'leave' | 'keep'

/** What a key makes happen outside the screen. `stop` ends the run at once. */
export type Effect = 'drain' | 'stop' | 'next_phase' | 'snapshot' | Leaving

export interface Pressed {
  readonly state: ScreenState
  readonly effect?: Effect
}

export const firstState: ScreenState = {
  view: 'overview',
  open: false,
  filter: '',
  typing: false,
  windowS: 120,
  log: true,
  faultsOnly: false,
  help: false,
  draining: false,
  held: false,
}

/** What a key does, given what the run shows now. */
export function pressed(before: ScreenState, key: Key, view: RunView): Pressed {
  const { note: _said, ...quiet } = before
  const state: ScreenState = { ...quiet, held: before.held || view.result !== undefined }
  if (key.name === 'ctrl_c') return interrupted(state, view)
  if (state.typing) return { state: typed(state, key) }
  if (state.asking !== undefined && view.result === undefined) return answered(state, key)
  switch (key.name) {
    case 'up':
      return { state: chosen(state, -1, view) }
    case 'down':
      return { state: chosen(state, 1, view) }
    case 'enter':
      return { state: opened(state, view) }
    case 'escape':
      return { state: backed(state) }
    case 'tab':
      return { state: turned(state, 1) }
    case 'back_tab':
      return { state: turned(state, -1) }
    case 'backspace':
      return { state: backed(state) }
    case 'text':
      return letter(state, key.text, view)
    default:
      return key satisfies never
  }
}

function letter(state: ScreenState, text: string, view: RunView): Pressed {
  const named = viewNames[Number(text) - 1]
  if (named !== undefined) return { state: { ...state, view: named, open: false, help: false } }
  switch (text) {
    case '?':
      return { state: { ...state, help: !state.help } }
    case 'j':
      return { state: chosen(state, 1, view) }
    case 'k':
      return { state: chosen(state, -1, view) }
    case ' ':
      return { state: frozenOrNot(state, view) }
    case '/':
      return { state: { ...state, typing: true, help: false } }
    case '+':
    case '=':
      return { state: widened(state, 1) }
    case '-':
      return { state: widened(state, -1) }
    case 'l':
      return { state: { ...state, log: !state.log } }
    case 'e':
      return { state: { ...state, faultsOnly: !state.faultsOnly } }
    case 's':
      return { state, effect: 'snapshot' }
    default:
      return runLetter(state, text, view)
  }
}

/** The keys that change the run. */
function runLetter(state: ScreenState, text: string, view: RunView): Pressed {
  const ended = view.result !== undefined
  if (text === 'q' || text === 'Q') {
    const leaving = text === 'Q' ? 'keep' : 'leave'
    return ended ? { state, effect: leaving } : { state: { ...state, asking: leaving } }
  }
  if (text === 'p' && canSkip(view)) return { state, effect: 'next_phase' }
  if (text === 'a' && !ended) return drained(state)
  return { state }
}

/** Whether there is a phase that can be ended. */
export function canSkip(view: RunView): boolean {
  return view.phase !== 'starting' && view.phase !== 'ended' && view.phase !== 'drain'
}

function drained(state: ScreenState): Pressed {
  if (state.draining)
    return { state: { ...state, note: 'Draining already; q twice stops at once.' } }
  const note = 'Draining: connections are being closed; q twice stops at once.'
  return { state: { ...state, draining: true, note }, effect: 'drain' }
}

/** Ctrl-C drains, and the second time stops. */
function interrupted(state: ScreenState, view: RunView): Pressed {
  const { asking: _asked, ...going } = state
  if (view.result !== undefined) return { state: going, effect: 'leave' }
  if (state.draining) return { state: { ...going, leaving: 'leave' }, effect: 'stop' }
  const note = 'Draining: connections are being closed; ctrl-c again stops at once.'
  return { state: { ...going, draining: true, leaving: 'leave', note }, effect: 'drain' }
}

function answered(state: ScreenState, key: Key): Pressed {
  const { asking, ...going } = state
  if (key.name === 'text' && (key.text === 'q' || key.text === 'Q'))
    return { state: { ...going, leaving: asking ?? 'leave', draining: true }, effect: 'stop' }
  if (key.name === 'text' && key.text === 'a') return drained(going)
  return { state: going }
}

function typed(state: ScreenState, key: Key): ScreenState {
  if (key.name === 'enter') return { ...state, typing: false }
  if (key.name === 'escape') return { ...state, typing: false, filter: '' }
  if (key.name === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') }
  if (key.name !== 'text') return state
  return { ...state, filter: (state.filter + key.text).slice(0, 40) }
}

/** Goes one step back: out of help, a host, a filter, a frozen view. */
function backed(state: ScreenState): ScreenState {
  if (state.help) return { ...state, help: false }
  if (state.open) return { ...state, open: false }
  if (state.filter !== '') return { ...state, filter: '' }
  const { frozen: _shown, ...live } = state
  return live
}

function turned(state: ScreenState, by: number): ScreenState {
  const at = viewNames.indexOf(state.view) + by + viewNames.length
  return {
    ...state,
    view: viewNames[at % viewNames.length] ?? 'overview',
    open: false,
    help: false,
  }
}

function frozenOrNot(state: ScreenState, view: RunView): ScreenState {
  const { frozen, ...live } = state
  return frozen === undefined ? { ...live, frozen: view } : live
}

function widened(state: ScreenState, by: number): ScreenState {
  const at = windowsS.indexOf(state.windowS)
  return { ...state, windowS: windowsS[at + by] ?? state.windowS }
}

function chosen(state: ScreenState, by: number, view: RunView): ScreenState {
  const hosts = hostsShown(state.frozen ?? view, state)
  const at = chosenAt(hosts, state)
  const next = hosts[Math.max(0, Math.min(hosts.length - 1, at + by))]
  return next === undefined ? state : { ...state, host: next.name }
}

function opened(state: ScreenState, view: RunView): ScreenState {
  const hosts = hostsShown(state.frozen ?? view, state)
  const host = hosts[chosenAt(hosts, state)]
  return host === undefined ? state : { ...state, host: host.name, open: true, help: false }
}

/** Where the chosen host is among those shown; the first when none is. */
export function chosenAt(hosts: readonly HostView[], { host }: ScreenState): number {
  return Math.max(
    0,
    hosts.findIndex(({ name }) => name === host),
  )
}

/** The hosts that filter and `faults only` leave. */
export function hostsShown(view: RunView, state: ScreenState): readonly HostView[] {
  return view.hosts.filter(
    (host) => matches(state, host.name) && (!state.faultsOnly || isFaulty(host)),
  )
}

export function isFaulty({ state, failed }: HostView): boolean {
  return state === 'stale' || state === 'dead' || failed > 0
}

export function matches({ filter }: ScreenState, text: string): boolean {
  return text.toLowerCase().includes(filter.toLowerCase())
}
