import { expect, test } from 'vitest'
import { createFakeRun, type FakeRun } from '../../../../test/bench/parts/fake-run.ts'
import type { Key } from './keys.ts'
import { firstState, hostsShown, pressed, type ScreenState } from './screen-state.ts'

function runAt(seconds: number): FakeRun {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < seconds; second++) run.step()
  return run
}

const text = (typed: string): Key => ({ name: 'text', text: typed })
const named = (name: Exclude<Key['name'], 'text'>): Key => ({ name })

/** Presses keys one after another; gives the last state and every effect. */
function press(keys: readonly (Key | string)[], run = runAt(10), from = firstState) {
  let state: ScreenState = from
  const effects: string[] = []
  for (const key of keys) {
    const after = pressed(state, typeof key === 'string' ? text(key) : key, run.view())
    state = after.state
    if (after.effect !== undefined) effects.push(after.effect)
  }
  return { state, effects }
}

test('tab and the digits go through the views', () => {
  expect(press([named('tab')]).state.view).toBe('hosts')
  expect(press([named('back_tab')]).state.view).toBe('server')
  expect(press(['4']).state.view).toBe('errors')
  expect(press(Array.from({ length: 5 }, () => named('tab'))).state.view).toBe('overview')
})

test('q asks while the run goes on, and a second q stops at once', () => {
  expect(press(['q'])).toMatchObject({ state: { asking: 'leave' }, effects: [] })
  expect(press(['q', 'q'])).toMatchObject({ state: { leaving: 'leave' }, effects: ['stop'] })
  expect(press(['Q', 'Q'])).toMatchObject({ state: { leaving: 'keep' }, effects: ['stop'] })
})

test('any other key goes on, and a drains', () => {
  const { state, effects } = press(['q', 'x'])
  expect(state.asking).toBeUndefined()
  expect(effects).toEqual([])
  expect(press(['q', 'a']).effects).toEqual(['drain'])
})

test('a drains once; nothing that is pressed twice by mistake stops at once', () => {
  expect(press(['a', 'a']).effects).toEqual(['drain'])
})

test('ctrl-c drains, and the second one stops', () => {
  expect(press([named('ctrl_c')]).effects).toEqual(['drain'])
  expect(press([named('ctrl_c'), named('ctrl_c')]).effects).toEqual(['drain', 'stop'])
  expect(press(['/', named('ctrl_c')]).effects).toEqual(['drain'])
})

test('when the run has ended, q and Q leave at once', () => {
  const ended = runAt(64)
  expect(press(['q'], ended).effects).toEqual(['leave'])
  expect(press(['Q'], ended).effects).toEqual(['keep'])
  expect(press(['p', 'a'], ended).effects).toEqual([])
})

test('a question that the end of the run overtook is not asked any more', () => {
  const { state } = press(['q'])
  expect(press(['Q'], runAt(64), state).effects).toEqual(['keep'])
})

test('p ends a phase, but not the last one', () => {
  expect(press(['p']).effects).toEqual(['next_phase'])
  expect(press(['p'], runAt(62)).effects).toEqual([])
})

test('space freezes the view that was seen, and goes on again', () => {
  const run = runAt(10)
  const seen = run.view()
  const { state } = press([' '], run)
  run.step()
  expect(state.frozen).toBe(seen)
  expect(press([' '], run, state).state.frozen).toBeUndefined()
})

test('the chosen host is kept by its name, and never leaves the list', () => {
  expect(press([named('down')]).state.host).toBe('box-2')
  expect(press(['j', 'j', 'j', 'j', 'k']).state.host).toBe('box-2')
  expect(press([named('up')]).state.host).toBe('box-1')
})

test('enter opens the chosen host and esc goes back', () => {
  expect(press([named('down'), named('enter')]).state).toMatchObject({ open: true, host: 'box-2' })
  expect(press([named('enter'), named('escape')]).state.open).toBe(false)
})

test('what is typed after / is a filter, letters of commands too', () => {
  const { state, effects } = press(['/', 'q', 'b', named('backspace'), 'x-3'])
  expect(effects).toEqual([])
  expect(state).toMatchObject({ typing: true, filter: 'qx-3' })
  expect(press(['/', '3', named('enter')]).state).toMatchObject({ typing: false, filter: '3' })
  expect(press(['/', '3', named('escape')]).state).toMatchObject({ typing: false, filter: '' })
})

test('filter and faults only leave the hosts that match', () => {
  const names = (state: ScreenState) => hostsShown(runAt(14).view(), state).map(({ name }) => name)
  expect(names({ ...firstState, filter: 'BOX-3' })).toEqual(['box-3'])
  expect(names({ ...firstState, faultsOnly: true })).toEqual(['box-1', 'box-2'])
})

test('the time window has ends', () => {
  expect(press(['+', '+', '+', '+', '+']).state.windowS).toBe(600)
  expect(press(['-', '-', '-', '-']).state.windowS).toBe(30)
})

test('l, e, ? and s do what they say', () => {
  expect(press(['l', 'e', '?']).state).toMatchObject({ log: false, faultsOnly: true, help: true })
  expect(press(['?', '?']).state.help).toBe(false)
  expect(press(['s']).effects).toEqual(['snapshot'])
})
