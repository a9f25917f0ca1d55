import { RusherError } from '../../protocol/index.ts'
import type { Appender, Outcome } from '../core/appender.ts'
import type { StateVector } from '../document-engine/document-engine.ts'
import type { Author } from '../link/document-messages.ts'
import type { Storage, ToAppend } from '../storage/storage.ts'
import type { DocumentLog } from './document-log.ts'
import { encodeRow, encodeSnapshot, type Row } from './document-record.ts'
import { historyChannelOf } from './history.ts'

/*
 * Deleting a document takes two steps. First one commit says that it is deleted, and with that it is, also after a crash. Then its bytes go:
 * the history, and the log with its snapshot. What was not done of that is done when the document is opened the next time. The log's
 * offsets go on, so that no position means two things.
 *
 * What stays is how far each client had come. A client that still has the document would bring all of it back when it connects; by that it
 * is known, and refused.
 */

/** Under what name the deletion is kept beside a document's log. */
const keptName = 'deleted'
/** An update in which nothing is. */
const nothing = Uint8Array.of(0, 0)

/** What is kept of a document that was deleted. */
export interface Deletion {
  /** Everything up to this offset is deleted. */
  readonly through: number
  /** How far the clients had come. */
  readonly clients: StateVector
}

interface DeletionParts {
  readonly storage: Storage
  readonly appender: Appender
}

/** The last deletion of a document; undefined where there was none. Throws STORAGE_CORRUPT for what is none. */
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

/** Says that a document is deleted, in one commit. Rejects with a RusherError; nothing is deleted then. */
export async function commitDeletion(
  channel: string,
  log: DocumentLog,
  { author, atMs }: { readonly author: Author; readonly atMs: number },
  { appender }: Pick<DeletionParts, 'appender'>,
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

/** Both items of a deletion are handed over in one turn, and so are one commit. */
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

/** Removes from storage what a deletion stands for. Doing it again changes nothing. */
export async function removeDeleted(
  document: string,
  channel: string,
  { through }: Deletion,
  { storage }: Pick<DeletionParts, 'storage'>,
): Promise<void> {
  const history = historyChannelOf(document)
  const { head } = await storage.open(history)
  if (head > 0) await storage.compact(history, head)
  const empty = encodeSnapshot({ owners: new Map(), parts: [], stateVector: new Map() })
  await storage.compact(channel, through, empty)
}

/** Whether something of what a deletion stands for is still in storage. */
export async function isLeft(
  channel: string,
  { through }: Deletion,
  storage: Storage,
): Promise<boolean> {
  const { begin } = await storage.open(channel)
  return begin <= through
}
