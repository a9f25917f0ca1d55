import { expect, test } from 'vitest'
import { createTimingWheel } from './timing-wheel.ts'

function wheelOf(woken: string[]) {
  return createTimingWheel<{ name: string; wakeSlot: number }>(
    { slots: 8, tickMs: 100, nowMs: 0 },
    ({ name }) => woken.push(name),
  )
}
const item = (name: string) => ({ name, wakeSlot: -1 })

test('an item is woken within one tick after its time, and once', () => {
  const woken: string[] = []
  const wheel = wheelOf(woken)
  wheel.wake(item('a'), 250)
  wheel.turn(200)
  expect(woken).toEqual([])
  wheel.turn(300)
  wheel.turn(2_000)
  expect(woken).toEqual(['a'])
})

test('a later arrangement replaces an earlier one', () => {
  const woken: string[] = []
  const wheel = wheelOf(woken)
  const one = item('a')
  wheel.wake(one, 100)
  wheel.wake(one, 500)
  wheel.turn(400)
  expect(woken).toEqual([])
  wheel.turn(500)
  expect(woken).toEqual(['a'])
})

test('a cancelled item is not woken', () => {
  const woken: string[] = []
  const wheel = wheelOf(woken)
  const one = item('a')
  wheel.wake(one, 100)
  wheel.cancel(one)
  wheel.turn(1_000)
  expect(woken).toEqual([])
})

test('a time beyond the turn of the wheel wakes early, so that the item can be put back', () => {
  const woken: string[] = []
  const wheel = wheelOf(woken)
  wheel.wake(item('a'), 1_000_000)
  wheel.turn(700)
  expect(woken).toEqual(['a'])
})

test('a turn that comes late wakes everything that was due meanwhile', () => {
  const woken: string[] = []
  const wheel = wheelOf(woken)
  wheel.wake(item('a'), 100)
  wheel.wake(item('b'), 600)
  wheel.turn(10_000)
  expect(woken).toEqual(['a', 'b'])
})
