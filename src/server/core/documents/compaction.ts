import { RusherError } from '../../../protocol/index.ts'
import { channelOf } from '../log/document-names.ts'
import type { Document } from './document.ts'
import type { DocumentContext } from './document-context.ts'
import { documentLimits } from './document-limits.ts'
import { bytesOf, type DocumentLog } from './document-log.ts'
import { decodeSnapshot, encodeSnapshot } from './document-record.ts'
import { type HistoryContext, keepHistory } from './history.ts'

/** A document that is compacted from time to time. */
export interface Compacted {
  readonly document: Pick<Document, 'name' | 'log' | 'maintain' | 'compacted'>
  compacting: boolean
  /** Not before this, after a compaction failed. */
  compactMs: number
}

/** Compacts a document's log if it is due. A failure is logged, counted and retried later. */
export async function compactIfDue(
  entry: Compacted,
  parts: Pick<DocumentContext, 'clock' | 'log' | 'metrics'> & HistoryContext,
): Promise<void> {
  const { document } = entry
  const { clock, log, metrics } = parts
  const { name, log: documentLog } = document
  if (documentLog === undefined || entry.compacting) return
  if (!isDue(documentLog) || clock.monotonicMs() < entry.compactMs) return
  entry.compacting = true
  try {
    await document.maintain(() => compact(name, documentLog, parts))
    metrics.documentCompacted('ok')
  } catch (error) {
    entry.compactMs = clock.monotonicMs() + documentLimits.compactAgainMs
    metrics.documentCompacted('failed')
    log.error(
      { err: error, document: name },
      'a document was not compacted; nothing of it was removed',
    )
  } finally {
    entry.compacting = false
    document.compacted()
  }
}

/**
 * Whether a log should be compacted: it has grown by as much as its snapshot is large. So a byte is written again a bounded
 * number of times, however long the document lives.
 */
export function isDue(log: DocumentLog): boolean {
  const { rowsBytes, snapshotBytes, rows } = log
  return (
    rowsBytes >= Math.max(documentLimits.compactBytesMin, snapshotBytes) ||
    rows.length >= documentLimits.compactRowsMax
  )
}

/**
 * Puts a snapshot in the place of a log's beginning. What is taken out goes into the history first. The snapshot is written,
 * read back from storage and compared with the document, and only then does the beginning go: each step can be the last one
 * before a crash, and the document is whole.
 */
export async function compact(
  document: string,
  log: DocumentLog,
  parts: HistoryContext,
): Promise<void> {
  const { storage, engine } = parts
  const channel = channelOf(document)
  const through = log.head
  const { source } = log
  const unconfirmed = new Map(log.unconfirmed)
  if (through === log.snapshotOffset) return
  const made = await engine.compact(source)
  await keepHistory(document, log, through, parts)
  await storage.saveSnapshot(channel, through, encodeSnapshot({ ...made, unconfirmed }))
  const stored = await storage.readSnapshot(channel)
  if (stored?.offset !== through) {
    throw new RusherError('STORAGE_UNAVAILABLE', `${channel}: the snapshot was not kept`)
  }
  const readBack = decodeSnapshot(bytesOf(stored.payload))
  if (!(await engine.matches(readBack.parts, source))) {
    throw new RusherError(
      'STORAGE_CORRUPT',
      `${channel}: the snapshot through ${through} is not the document; its log was left as it is`,
    )
  }
  await storage.compact(channel, through)
  log.compacted(through, readBack)
}
