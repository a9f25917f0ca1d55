import type { Limits, RusherError } from '../../protocol/index.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Storage } from '../storage/storage.ts'
import type { PresenceOptions } from './channels/presence.ts'
import type { ServedApps } from './channels/served-apps.ts'
import type { OnStateless } from './documents/stateless-hook.ts'
import type { DocumentEngine } from './yjs/document-engine.ts'

export interface CoreOptions {
  readonly apps: ServedApps
  readonly storage: Storage
  readonly engine: DocumentEngine
  /** Handles stateless messages of document clients. */
  readonly onStateless: OnStateless | undefined
  readonly limits: Limits
  /** Whether deleted content stays in a document of this name. */
  readonly keepsDeleted: (document: string) => boolean
  readonly presence: PresenceOptions
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Called once when only a new start from disk leads on. */
  readonly failed: (error: RusherError) => void
}
