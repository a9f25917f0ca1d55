import type { Rule } from './rule.ts'
import { appendRules } from './storage/append-rules.ts'
import { durableRules, lifetimeRules } from './storage/lifetime-rules.ts'
import { payloadRules } from './storage/payload-rules.ts'
import { readRules } from './storage/read-rules.ts'
import { removalRules } from './storage/removal-rules.ts'
import { snapshotRules } from './storage/snapshot-rules.ts'
import type { StorageMaker } from './storage/storage-maker.ts'

export type { StorageMaker } from './storage/storage-maker.ts'

/** The rules that bind every storage; docs/storage.md has them in words. */
export const storageContract: readonly Rule<StorageMaker>[] = [
  ...appendRules,
  ...readRules,
  ...removalRules,
  ...lifetimeRules,
  ...payloadRules,
  ...snapshotRules,
]

/** The rules that bind a storage whose `durability` is `disk`, beside the others. Their maker has a `reopen`. */
export const durableStorageContract: readonly Rule<StorageMaker>[] = durableRules
