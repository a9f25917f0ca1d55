import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmallSet } from './small-set.ts'

test('a small set holds what a Set holds, whatever is added and deleted', () => {
  const acts = fc.array(fc.record({ add: fc.boolean(), item: fc.nat(20) }), { maxLength: 200 })
  fc.assert(
    fc.property(acts, (steps) => {
      const small = new SmallSet<number>()
      const model = new Set<number>()
      for (const { add, item } of steps) {
        if (add) {
          small.add(item)
          model.add(item)
        } else {
          small.delete(item)
          model.delete(item)
        }
        expect(small.size).toBe(model.size)
        expect(small.has(item)).toBe(model.has(item))
      }
      expect(new Set(small.all)).toEqual(model)
    }),
  )
})

test('who is deleted while all are gone through does not hide the next', () => {
  for (const count of [3, 8, 9, 40]) {
    const small = new SmallSet<number>()
    for (let item = 0; item < count; item += 1) small.add(item)
    const seen: number[] = []
    for (const item of small.all) {
      seen.push(item)
      if (item % 2 === 0) small.delete(item)
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, item) => item))
  }
})
