import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createFakeRun } from '../../../../test/bench/parts/fake-run.ts'
import { lookOf } from './look.ts'
import { createScreenModel } from './screen-model.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function started(saveSnapshot = async () => 'file.txt') {
  const run = createFakeRun({ seed: 1 })
  const now = () => Date.now()
  const model = createScreenModel(run, { look: lookOf({}), now, lingerMs: 10_000, saveSnapshot })
  let draws = 0
  model.subscribe(() => {
    draws += 1
  })
  let left: string | undefined
  void model.left.then((how) => {
    left = how
  })
  return { run, model, draws: () => draws, left: () => left }
}

const key = (text: string) => ({ name: 'text', text }) as const

test('a run that changes all the time is drawn twice a second at most, and its last change always', () => {
  const { run, model, draws } = started()
  for (let change = 0; change < 40; change++) {
    run.step()
    vi.advanceTimersByTime(25)
  }
  expect(draws()).toBeLessThanOrEqual(2)
  vi.advanceTimersByTime(500)
  expect(model.shown().view).toBe(run.view())
})

test('a key is drawn at once', () => {
  const { model, draws } = started()
  model.press(key('2'))
  expect(draws()).toBe(1)
  expect(model.shown().state.view).toBe('hosts')
})

test('the screen leaves by itself a while after the end, and counts down to it', async () => {
  const { run, model, left } = started()
  for (let second = 0; second < 64; second++) run.step()
  vi.advanceTimersByTime(500)
  expect(model.shown().closesInS).toBe(10)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(left()).toBeUndefined()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(left()).toBe('leave')
})

test('a key after the end keeps it open', async () => {
  const { run, model, left } = started()
  for (let second = 0; second < 64; second++) run.step()
  model.press(key('3'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(left()).toBeUndefined()
  model.press(key('Q'))
  await vi.advanceTimersByTimeAsync(0)
  expect(left()).toBe('keep')
})

test('q twice ends the run at once, and the screen leaves with it', async () => {
  const { run, model, left } = started()
  run.step()
  model.press(key('q'))
  model.press(key('q'))
  await vi.advanceTimersByTimeAsync(0)
  expect(run.view().phase).toBe('ended')
  expect(left()).toBe('leave')
})

test('where a snapshot went is said, and why it could not be written', async () => {
  const { model } = started()
  model.press(key('s'))
  await vi.advanceTimersByTimeAsync(0)
  expect(model.shown().state.note).toBe('Written to file.txt.')
  const full = started(async () => {
    throw new Error('no space')
  })
  full.model.press(key('s'))
  await vi.advanceTimersByTimeAsync(0)
  expect(full.model.shown().state.note).toContain('no space')
})

test('nothing is drawn after it was closed', () => {
  const { run, model, draws } = started()
  run.step()
  model.close()
  run.step()
  vi.advanceTimersByTime(5_000)
  expect(draws()).toBe(0)
})
