import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Level, nextLevel } from './search.ts'

/** Searches a server that holds so many, and no more. */
function search(capacity: number, most: number): { levels: Level[]; pass: number; fail?: number } {
  const levels: Level[] = []
  for (;;) {
    const next = nextLevel(levels, most)
    if (next.kind === 'found') return { levels, ...next }
    const { connections } = next
    levels.push({ connections, held: connections <= capacity, why: '' })
    if (levels.length > 100) throw new Error('it does not end')
  }
}

test('the interval holds the capacity and is narrow, whatever the capacity is', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), (capacity, most) => {
      const { pass, fail } = search(capacity, most)
      expect(pass).toBeLessThanOrEqual(capacity)
      if (fail === undefined) {
        expect(pass).toBe(most)
        return
      }
      expect(fail).toBeGreaterThan(capacity)
      expect(fail - pass).toBeLessThanOrEqual(Math.max(1, pass * 0.02))
    }),
  )
})

test('a server that holds all that is asked for takes four runs', () => {
  expect(search(10_000, 8_000).levels.map(({ connections }) => connections)).toEqual([
    1_000, 2_000, 4_000, 8_000,
  ])
})
