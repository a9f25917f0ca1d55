import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

test('what runs equally often, or a multiple of it, runs together, whenever it began', () => {
  fakeTime()
  const runs: string[] = []
  const note = (name: string) => () => runs.push(`${name} ${Math.round(performance.now())}`)
  systemClock.every(100, note('a'))
  vi.advanceTimersByTime(30)
  systemClock.every(100, note('b'))
  systemClock.every(200, note('c'))
  vi.advanceTimersByTime(390)
  expect(runs.toSorted()).toEqual([
    ...[100, 200, 300, 400].map((atMs) => `a ${atMs}`),
    ...[100, 200, 300, 400].map((atMs) => `b ${atMs}`),
    ...[200, 400].map((atMs) => `c ${atMs}`),
  ])
})

test('a turn that was stopped does not come, also not from within itself', () => {
  fakeTime()
  let runs = 0
  const timer = systemClock.every(50, () => {
    runs += 1
    if (runs === 2) timer.stop()
  })
  vi.advanceTimersByTime(500)
  expect(runs).toBe(2)
})

test('a timer that comes a little early has had its turn', () => {
  fakeTime()
  const now = vi.spyOn(performance, 'now')
  onTestFinished(() => now.mockRestore())
  let runs = 0
  now.mockReturnValue(0)
  systemClock.every(100, () => {
    runs += 1
  })
  now.mockReturnValue(99.4)
  vi.advanceTimersByTime(100)
  now.mockReturnValue(100)
  vi.advanceTimersByTime(50)
  expect(runs).toBe(1)
})
