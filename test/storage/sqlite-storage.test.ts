import { join } from 'node:path'
import { describe, test } from 'vitest'
import { durableStorageContract, storageContract } from '../../src/testing/storage-contract.ts'
import { busyFiling, openStorage, temporaryDirectory } from './open-storage.ts'

describe.each([
  { when: 'it is quiet', more: {} },
  { when: 'what it is given arrives first', more: { filing: busyFiling } },
])('sqlite storage keeps the promise when $when', ({ more }) => {
  for (const rule of [...storageContract, ...durableStorageContract]) {
    test(`[${rule.id}] ${rule.says}`, async () => {
      const path = join(temporaryDirectory(), 'rusher.db')
      const open = () => openStorage(path, more)
      await rule.check({ create: open, reopen: open })
    })
  }
})
