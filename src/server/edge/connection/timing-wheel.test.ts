import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTimingWheel, type Wakeable } from './timing-wheel.ts'

interface Item extends Wakeable<Item> {
  readonly name: string
}

const shape = { slots: 8, tickMs: 100, nowMs: 0 }

function wheelOf(woken: string[]) {
  return createTimingWheel<Item>(shape, ({ name }) => woken.push(name))
}

function item(name: string): Item {
  return { name, wakeSlot: -1, wakeNext: undefined, wakePrevious: undefined }
}

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

test('all are woken at once when asked to, but for those who are cancelled by then', () => {
  const woken: string[] = []
  const [a, b, c] = [item('a'), item('b'), item('c')]
  const wheel = createTimingWheel<Item>(shape, (one) => {
    woken.push(one.name)
    // A session that ends cancels another one; a session that continues is scheduled again.
    if (one === b) wheel.cancel(c)
    if (one === a) wheel.wake(a, 100)
  })
  wheel.wake(a, 300)
  wheel.wake(b, 500)
  wheel.wake(c, 700)
  wheel.wakeAll()
  expect(woken).toEqual(['a', 'b'])
  wheel.turn(100)
  expect(woken).toEqual(['a', 'b', 'a'])
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

test('whoever is cancelled by another of its slot is not woken', () => {
  const woken: string[] = []
  const items = ['a', 'b', 'c'].map(item)
  const wheel = createTimingWheel<Item>(shape, ({ name }) => {
    woken.push(name)
    for (const one of items) wheel.cancel(one)
  })
  for (const one of items) wheel.wake(one, 100)
  wheel.turn(10_000)
  expect(woken).toHaveLength(1)
})

test('whatever is arranged, put off and cancelled, each is woken when it is due and not otherwise', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const act = fc.oneof(
    fc.record({ kind: fc.constant('wake'), who: fc.nat(4), ms: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ kind: fc.constant('cancel'), who: fc.nat(4), ms: fc.constant(0) }),
    fc.record({
      kind: fc.constant('turn'),
      who: fc.constant(0),
      ms: fc.integer({ min: 1, max: 400 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const woken: string[] = []
      const wheel = wheelOf(woken)
      const items = names.map(item)
      const dueTick = new Map<string, number>()
      let nowMs = 0
      for (const { kind, who, ms } of acts) {
        const one = items[who]
        if (one === undefined) throw new Error('nobody')
        if (kind === 'cancel') {
          wheel.cancel(one)
          dueTick.delete(one.name)
        } else if (kind === 'wake') {
          wheel.wake(one, ms)
          const ticks = Math.max(1, Math.min(7, Math.ceil(ms / 100)))
          dueTick.set(one.name, Math.floor(nowMs / 100) + ticks)
        } else {
          nowMs += ms
          wheel.turn(nowMs)
          const due = [...dueTick].filter(([, tick]) => tick <= Math.floor(nowMs / 100))
          for (const [name] of due) dueTick.delete(name)
          expect(woken.splice(0).toSorted()).toEqual(due.map(([name]) => name).toSorted())
        }
      }
    }),
  )
})
