import type { Limits } from '../../../protocol/index.ts'
import type { Log } from '../../log/log.ts'
import type { DocumentMetrics, FaultMetrics } from '../../metrics/metrics.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Appender } from '../log/appender.ts'
import type { DocumentEngine } from '../yjs/document-engine.ts'
import type { Row } from './document-record.ts'

/** What a document needs of the core around it. */
export interface DocumentContext {
  readonly engine: DocumentEngine
  readonly storage: Storage
  readonly appender: Appender
  readonly clock: Clock
  readonly log: Log
  readonly metrics: DocumentMetrics & FaultMetrics
  readonly limits: Pick<
    Limits,
    | 'documentBytesMax'
    | 'documentAwarenessBytesMax'
    | 'documentHistoryBytesMax'
    | 'followUpdatesMax'
    | 'followBytesMax'
  >
  /** Resolves after `ms` milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  /** An update is on disk: notifies its followers. */
  readonly committed: (document: string, offset: number, row: Row) => void
  /**
   * A deletion is on disk at this offset, and everything before it is void: notifies the followers
   * and closes the document for its clients.
   */
  readonly deleted: (document: string, offset: number, row: Row) => void
  /** One thing less waits in some document. */
  readonly settled: () => void
  /** Whether storage takes a document's updates has changed. */
  readonly saving: (name: string, failing: boolean) => void
  /** Whether compaction of a document's log is running or scheduled. */
  readonly compacting: (name: string) => boolean
  /** Whether deleted content stays in a document of this name. */
  readonly keepsDeleted: (name: string) => boolean
  /** A try to read a document failed. */
  readonly unreadable: (name: string) => void
}
