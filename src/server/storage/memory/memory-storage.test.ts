import { describe, expect, test } from 'vitest'
import { storageContract } from '../../../testing/storage-contract.ts'
import { createMemoryStorage } from './memory-storage.ts'

describe('memory storage keeps the promise', () => {
  for (const rule of storageContract) {
    test(`[${rule.id}] ${rule.says}`, () =>
      rule.check({ create: async () => createMemoryStorage({ epoch: 'e1' }) }))
  }
})

test('memory storage says that nothing outlives it', () => {
  expect(createMemoryStorage({ epoch: 'e1' }).durability).toBe('memory')
})
