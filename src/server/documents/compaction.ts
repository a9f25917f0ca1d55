import { RusherError } from '../../protocol/index.ts'
import { bytesOf, type DocumentLog } from './document-log.ts'
import { channelOf } from './document-names.ts'
import { decodeSnapshot, encodeSnapshot } from './document-record.ts'
import { documentSizes } from './document-sizes.ts'
import { type HistoryParts, keepHistory } from './history.ts'

/**
 * Whether a log should be compacted: it has grown by as much as its snapshot is large. So a byte is written again a bounded
 * number of times, however long the document lives.
 */
export function isDue(log: DocumentLog): boolean {
  const { rowsBytes, snapshotBytes, rows } = log
  return (
    rowsBytes >= Math.max(documentSizes.compactBytesMin, snapshotBytes) ||
    rows.length >= documentSizes.compactRowsMax
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
  parts: HistoryParts,
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
