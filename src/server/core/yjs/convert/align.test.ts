import fc from 'fast-check'
import { expect, test } from 'vitest'
import { align, type Step } from './align.ts'

/** What the steps make of one sequence. */
function apply(old: readonly string[], wanted: readonly string[], steps: readonly Step[]): unknown {
  const made: (string | undefined)[] = []
  let next = 0
  for (const step of steps) {
    if (step.kind !== 'add') {
      expect(step.old).toBe(next)
      next += 1
    }
    if (step.kind === 'keep') expect(old[step.old]).toBe(wanted[step.wanted])
    if (step.kind !== 'remove') made.push(wanted[step.wanted])
  }
  expect(next).toBe(old.length)
  return made
}

const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })

test('any sequence becomes any other, with every element once and in order', () => {
  fc.assert(
    fc.property(letters, letters, fc.boolean(), (old, wanted, isAlike) => {
      const steps = align({ old, wanted, ...(isAlike ? { likeness: () => 0.5 } : {}) })
      expect(apply(old, wanted, steps)).toEqual(wanted)
    }),
  )
})

test('long sequences of few different elements too, and few differences stay few', () => {
  const positions = fc.array(fc.nat({ max: 1_999 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(positions, (at) => {
      const old = Array.from(
        { length: 2_000 },
        (_, index) => ['lorem', 'ipsum', 'dolor'][index % 3] ?? '',
      )
      const wanted = [...old]
      for (const [index, place] of at.entries()) {
        if (index % 2 === 0) wanted.splice(place, 1)
        else wanted.splice(place, 0, 'new')
      }
      wanted.unshift('x')
      wanted.push('y')
      const steps = align({ old, wanted })
      expect(apply(old, wanted, steps)).toEqual(wanted)
      const differences = steps.filter(({ kind }) => kind !== 'keep').length
      expect(differences).toBeLessThanOrEqual(at.length + 2)
    }),
    { numRuns: 30 },
  )
})

test('long sequences that have little in common become one another too', () => {
  for (const likeness of [undefined, () => 0.5]) {
    const old = Array.from({ length: 1_500 }, (_, index) => `${index % 7}`)
    const wanted = Array.from({ length: 1_200 }, (_, index) => `${(index * 5) % 11}`)
    const steps = align({ old, wanted, ...(likeness === undefined ? {} : { likeness }) })
    expect(apply(old, wanted, steps)).toEqual(wanted)
  }
})
