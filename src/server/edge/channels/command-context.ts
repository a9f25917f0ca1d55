import type { Calls } from '../connection/pending-requests.ts'
import type { Permission } from '../connection/permission-cache.ts'
import type { EdgeOptions } from './edge-options.ts'
import type { Connecting } from './handle-connect.ts'
import type { Hub } from './hub.ts'
import type { SessionActions } from './session-actions.ts'

/** What handling a command takes. */
export interface CommandContext extends EdgeOptions {
  readonly hub: Hub
  readonly calls: Calls
  readonly acts: SessionActions
  readonly permission: Permission
  readonly connecting: Connecting
}
