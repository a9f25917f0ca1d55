export {
  type Attempt,
  type AttemptOutcome,
  checkHistory,
  type EventSeen,
  type History,
  type HistoryFault,
  type HistoryFaultKind,
  type LogHistory,
  type Subscription,
  type SubscriptionStep,
} from './history-checker.ts'
export type { Rule } from './rule.ts'
export { durableStorageContract, type StorageMaker, storageContract } from './storage-contract.ts'
