import { ClientError } from '../client-error.ts'

/** Thrown by a driver when another client has the scope open. */
export class StoreLockedError extends Error {}

/** The error that a client reports when its store failed. */
export function withoutStore(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof StoreLockedError) return new ClientError('STORE_LOCKED', reason)
  return new ClientError(
    isFull(cause) ? 'STORE_FULL' : 'STORE_FAILED',
    `what waits would not survive a reload: ${reason}`,
    true,
  )
}

function isFull(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false
  const { name, code } = cause as { name?: unknown; code?: unknown }
  return name === 'QuotaExceededError' || code === 'ENOSPC' || code === 'EDQUOT'
}
