import { describe, expect, test } from 'vitest'
import { makeOrderedId } from './make-id.ts'
import { seededRandom } from './test-parts/seeded-random.ts'

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('ids', () => {
  test('are the UUID that RFC 9562 gives as an example, for its time and its random bits', () => {
    // Appendix A.6
    const source = {
      getRandomValues: (bytes: Uint8Array) =>
        bytes.set([0, 0, 0, 0, 0, 0, 0xcc, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]),
    }
    expect(makeOrderedId(1_645_557_742_000, source)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
  })

  test('stand in the order in which they were made, millisecond by millisecond', () => {
    const first = 1_795_000_000_000
    const ids = Array.from({ length: 100 }, (_, no) => makeOrderedId(first + no * 700))
    expect(ids.toSorted()).toEqual(ids)
  })

  test('have 74 bits of the platform beside the time', () => {
    const ids = Array.from({ length: 1_000 }, () => makeOrderedId(1_795_000_000_000))
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(uuid7)
  })

  test('without a platform that has random bits they are random still', () => {
    const random = seededRandom(1)
    const ids = Array.from({ length: 100 }, () => makeOrderedId(1_795_000_000_000, {}, random))
    expect(new Set(ids).size).toBe(100)
    for (const id of ids) expect(id).toMatch(uuid7)
  })
})
