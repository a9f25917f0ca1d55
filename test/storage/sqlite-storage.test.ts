import { join } from 'node:path'
import { describe, test } from 'vitest'
import { durableStorageContract, storageContract } from '../../src/testing/storage-contract.ts'
import { openStorage, temporaryDirectory } from './open-storage.ts'

describe('sqlite storage keeps the promise', () => {
  for (const rule of [...storageContract, ...durableStorageContract]) {
    test(`[${rule.id}] ${rule.says}`, async () => {
      const path = join(temporaryDirectory(), 'rusher.db')
      await rule.check({ create: () => openStorage(path), reopen: () => openStorage(path) })
    })
  }
})
