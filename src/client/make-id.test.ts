import { describe, expect, test } from 'vitest'
import { makeRandomId } from './make-id.ts'
import { seededRandom } from './test-parts/seeded-random.ts'

describe('ids', () => {
  test('the platform makes them where it can', () => {
    expect(makeRandomId({ randomUUID: () => 'the uuid' })).toBe('the uuid')
  })

  test('without randomUUID they have 128 bits of the platform', () => {
    const source = { getRandomValues: (bytes: Uint8Array) => bytes.fill(0xab) }
    expect(makeRandomId(source)).toBe('ab'.repeat(16))
  })

  test('without any of that they are random still', () => {
    const random = seededRandom(1)
    const ids = new Set(Array.from({ length: 100 }, () => makeRandomId({}, random)))
    expect(ids.size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })
})
