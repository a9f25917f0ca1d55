import type { Limits } from '../../../protocol/index.ts'
import type { Permit } from '../../auth/auth.ts'
import type { ReadRequest } from '../../auth/client-request.ts'
import type { Port, ToCore } from '../../link/link.ts'
import type { Log } from '../../log/log.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { PendingRequests } from '../connection/pending-requests.ts'
import type { DocumentAuthorizer } from './authorize.ts'

export interface DocumentEdgeOptions {
  readonly core: Port<ToCore>
  readonly calls: PendingRequests
  readonly admission: DocumentAuthorizer
  readonly readRequest: ReadRequest
  /** Absent: everybody may do everything. */
  readonly permit: Permit | undefined
  readonly limits: Limits
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Path under which documents are served, without a slash at its end. */
  readonly path: string
  /** Whose share of the memory for large frames counts: addresses where users name themselves. */
  readonly sharePer: 'user' | 'address'
  /** From 0 to 1, for what is spread over time. */
  readonly random: () => number
}

/** Times of document connections that no peer can change, in milliseconds. */
export const documentTimes = {
  wheelTickMs: 250,
  wheelSlots: 512,
  /** Both families of clients give up after 30 s without a frame with content; a WebSocket ping is none. */
  keepAliveMs: 25_000,
  pingMs: 25_000,
  pongMs: 10_000,
  /** Time from the connection to its first document. Providers that share one connection open theirs when they are made. */
  openMs: 60_000,
  /** How long before its end a token is asked for again. */
  warnMs: 60_000,
  /** How often rights are looked at again. */
  recheckMs: 30_000,
  retryReadsEveryMs: 1_000,
} as const
