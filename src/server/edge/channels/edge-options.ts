import type { Durability, Limits } from '../../../protocol/index.ts'
import type { Permit } from '../../auth/auth.ts'
import type { CheckedAuth } from '../../auth/check-identity.ts'
import type { ReadRequest } from '../../auth/client-request.ts'
import type { Port, ToCore } from '../../link/link.ts'
import type { Log } from '../../log/log.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { PendingRequests } from '../connection/pending-requests.ts'
import type { DocumentEdge } from '../documents/document-edge.ts'

export interface EdgeOptions {
  readonly core: Port<ToCore>
  readonly calls: PendingRequests
  /** Takes binary frames of sessions: documents on the same connection. */
  readonly documents: Pick<DocumentEdge, 'openWithin' | 'handlers' | 'drained'>
  readonly auth: CheckedAuth
  readonly readRequest: ReadRequest
  /** Absent: everybody may do everything. */
  readonly permit: Permit | undefined
  readonly limits: Limits
  readonly durability: Durability
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly makeId: () => string
  /** From 0 to 1, for what is spread over time. */
  readonly random: () => number
}
