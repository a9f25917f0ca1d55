import type { PendingRequests } from '../connection/pending-requests.ts'
import type { PermissionCache } from '../connection/permission-cache.ts'
import type { EdgeOptions } from './edge-options.ts'
import type { ConnectHandler } from './handle-connect.ts'
import type { Hub } from './hub.ts'
import type { SessionActions } from './session-actions.ts'

/** What handling a command takes. */
export interface CommandContext extends EdgeOptions {
  readonly hub: Hub
  readonly calls: PendingRequests
  readonly acts: SessionActions
  readonly permission: PermissionCache
  readonly connecting: ConnectHandler
}
