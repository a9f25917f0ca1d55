import type { Durability, Limits } from '../../protocol/index.ts'
import type { Permit } from '../auth/auth.ts'
import type { CheckedAuth } from '../auth/check-identity.ts'
import type { ReadRequest } from '../auth/client-request.ts'
import type { Clock } from '../clock.ts'
import type { DocumentEdge } from '../document-edge/document-edge.ts'
import type { Port, ToCore } from '../link/link.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Calls } from './calls.ts'

export interface EdgeOptions {
  readonly core: Port<ToCore>
  readonly calls: Calls
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

/** Times inside an edge that no peer can change, in milliseconds. */
export const edgeTimes = {
  wheelTickMs: 250,
  wheelSlots: 512,
  retryReadsEveryMs: 1_000,
  /** How long before its end a session is told to renew its token. */
  warnMs: 60_000,
  /** How long a permission is believed. */
  permitBelievedMs: 30_000,
  /** Interval between permission checks of an open session, in milliseconds. */
  recheckMs: 30_000,
  /** How long an authorizer or a permission may take. */
  authMs: 5_000,
} as const
