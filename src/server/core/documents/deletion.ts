import { RusherError } from '../../../protocol/index.ts'
import type { Author } from '../../link/document-messages.ts'
import type { Storage, ToAppend } from '../../storage/storage.ts'
import type { Appender, Outcome } from '../log/appender.ts'
import type { StateVector } from '../yjs/document-engine.ts'
import type { DocumentLog } from './document-log.ts'
import { decodeStateVector, encodeRow, encodeSnapshot, type Row } from './document-record.ts'
import { historyChannelOf } from './history.ts'

/*
 * Deleting a document takes two steps. First, one commit records the deletion, which makes it
 * durable. Then the history and the log with its snapshot are removed. Removal that did not finish
 * is completed when the document is next opened. Offsets of the log continue, so that no position
 * is used twice.
 *
 * The state vector of the deleted content is kept. A client that still has the document would bring
 * it all back when it connects; the state vector identifies that content, and it is refused.
 */

/** Key of the deletion record beside a document's log. */
const keptName = 'deleted'
/** An empty update. */
const nothing = Uint8Array.of(0, 0)

/** The record of a deletion. */
export interface Deletion {
  /** Everything up to and including this offset is deleted. */
  readonly through: number
  /** State vector of the deleted content. */
  readonly clients: StateVector
}

interface DeletionContext {
  readonly storage: Storage
  readonly appender: Appender
}

/**
 * Reads the last deletion of a document; undefined if none. Throws STORAGE_CORRUPT for an invalid
 * record.
 */
export async function readDeletion(
  channel: string,
  storage: Storage,
): Promise<Deletion | undefined> {
  const kept = await storage.readLatest(channel, 1)
  const payload = kept.find(({ name }) => name === keptName)?.payload
  if (payload === undefined) return undefined
  const { through, clients } = JSON.parse(payload) as Partial<{
    through: number
    clients: readonly (readonly [number, number])[]
  }>
  if (through === undefined || clients === undefined) {
    throw new RusherError('STORAGE_CORRUPT', `${channel}: the deletion record is damaged`)
  }
  return { through, clients: new Map(clients) }
}

/** Commits the deletion of a document. On rejection with a RusherError, nothing is deleted. */
export async function commitDeletion(
  channel: string,
  log: DocumentLog,
  { author, atMs }: { readonly author: Author; readonly atMs: number },
  { appender }: Pick<DeletionContext, 'appender'>,
): Promise<{ readonly deletion: Deletion; readonly row: Row }> {
  const through = log.head + 1
  const clients = latestOf(log.deleted ?? new Map(), log.stateVector)
  const row: Row = { atMs, author, advanced: new Map(), update: nothing }
  const payload = JSON.stringify({ through, by: author.id, atMs, clients: [...clients] })
  const outcomes = await Promise.all([
    append(appender, { kind: 'latest', channel, name: keptName, payload }),
    append(appender, { kind: 'event', channel, payload: encodeRow(row), expect: log.head }),
  ])
  for (const outcome of outcomes) {
    if (outcome.kind === 'appended' || outcome.kind === 'kept') continue
    throw new RusherError('STORAGE_UNAVAILABLE', `${channel}: the deletion could not be stored`)
  }
  return { deletion: { through, clients }, row }
}

/** Appends an item; items appended in the same tick become one commit. */
function append(appender: Appender, item: ToAppend): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    if (!appender.append(item, resolve)) {
      reject(new RusherError('STORAGE_UNAVAILABLE', 'too many writes are waiting for storage'))
    }
  })
}

function latestOf(a: StateVector, b: StateVector): StateVector {
  const clients = new Map(a)
  for (const [client, clock] of b) clients.set(client, Math.max(clock, clients.get(client) ?? 0))
  return clients
}

/** Removes the deleted content from storage. Idempotent. */
export async function removeDeleted(
  document: string,
  channel: string,
  { through }: Deletion,
  { storage }: Pick<DeletionContext, 'storage'>,
): Promise<void> {
  const history = historyChannelOf(document)
  const { head } = await storage.open(history)
  if (head > 0) await storage.compact(history, head)
  const empty = encodeSnapshot({ owners: new Map(), parts: [], stateVector: new Map() })
  await storage.compact(channel, through, empty)
}

/** Whether deleted content is still in storage. */
export async function isLeft(
  channel: string,
  { through }: Deletion,
  storage: Storage,
): Promise<boolean> {
  const { begin } = await storage.open(channel)
  return begin <= through
}

/**
 * Whether a client with this encoded state vector still holds content that was deleted. It must not
 * receive the new content: its copy would merge both.
 */
export function holdsDeleted(
  vector: Uint8Array | undefined,
  { deleted, stateVector }: Pick<DocumentLog, 'deleted' | 'stateVector'>,
): boolean {
  if (vector === undefined || deleted === undefined) return false
  for (const [client, clock] of decodeStateVector(vector) ?? []) {
    const known = stateVector.get(client) ?? 0
    if (clock > known && known < (deleted.get(client) ?? 0)) return true
  }
  return false
}
