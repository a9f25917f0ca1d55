import type { ConnectOptions } from './client.ts'
import type { Clock } from './clock.ts'
import type { SessionParts } from './session.ts'

/** What a client is made of, with the defaults filled in. */
export interface ClientParts {
  readonly options: ConnectOptions
  readonly clock: Clock
  readonly random: () => number
  readonly makeId: () => string
  readonly outboxMax: number
  readonly inFlightMax: number
  readonly timeoutMs: number
  readonly openSocket: SessionParts['open']
  /** The server's, as a WebSocket URL. */
  readonly url: string
}
